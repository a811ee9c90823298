"""The sections into which a person has put their list of groups: which of them a group is in, its own settings say."""
