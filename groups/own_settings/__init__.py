"""What a person sets of a group for themselves: level, mute, favourite, and in which of their sections it is."""
