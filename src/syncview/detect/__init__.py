"""Detection: what may be blasts in the sound of one recording, and where that sound cannot be trusted."""
