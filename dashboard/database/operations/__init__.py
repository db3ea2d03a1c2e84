"""Operations of the owner of the database, such as setup, upgrade, backup and erasure."""
