"""How a release of Protogate is made: its number, its notes, and its files, checked before anybody gets them."""
