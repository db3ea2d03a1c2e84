"""Operations of the owner of the database: setup, upgrade, backup, erasure and others."""
