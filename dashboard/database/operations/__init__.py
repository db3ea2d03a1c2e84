"""Operations of the owner: setting up, upgrading, backing up, erasing, examining."""
