package proof

// ParseBefore is for the fuzz target.
var ParseBefore = parseBefore
