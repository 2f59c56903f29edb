package kinds

import "time"

// Lives of records: the longest that the framework allows, or what the field holds for usual.
const (
	day     = 24 * time.Hour
	Month   = 31 * day
	Quarter = 92 * day
	Year    = 365 * day
)
