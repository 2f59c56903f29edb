package records

// Body is a filled form: text, numbers, booleans, lists of rows ([]any of map[string]any), as JSON decodes them.
type Body map[string]any

// FieldType is what a field holds.
type FieldType string

// The types of fields.
const (
	Text   FieldType = "text"   // one line
	Prose  FieldType = "prose"  // several lines
	Number FieldType = "number" // see Least and Most
	Date   FieldType = "date"   // 2026-11-22
	Bool   FieldType = "bool"
	Choice FieldType = "choice" // one of Options
	Many   FieldType = "many"   // several of Options
	Person FieldType = "person" // name of an account of a person
	Rows   FieldType = "rows"   // a table: each row has Fields
	Refs   FieldType = "refs"   // ids or names of objects of the kind Of
)

// Field is one field of a form.
type Field struct {
	Name     string    `json:"name"` // camelCase
	Title    string    `json:"title"`
	Help     string    `json:"help,omitempty"`
	Type     FieldType `json:"type"`
	Optional bool      `json:"optional,omitempty"` // every field is required unless it says otherwise; a required text has at least Least characters (1 unless set)
	Options  []string  `json:"options,omitempty"`  // of Choice and Many
	Fields   []Field   `json:"fields,omitempty"`   // columns of Rows
	Of       About     `json:"of,omitempty"`       // of Refs
	Least    float64   `json:"least,omitempty"`    // characters, value, rows or choices
	Most     float64   `json:"most,omitempty"`     // 0: no bound but the service's own
	// Covers lists what rows must be there: for Rows, values of the first column; for Many, options that must be chosen. What is
	// missing is named.
	Covers []string `json:"covers,omitempty"`
	// Tracks makes each row a tracked item when the record is approved. Its columns are then title, owner (Person), due (Date).
	Tracks bool `json:"tracks,omitempty"`
	// Acknowledges means that the person named has to acknowledge the record (Readers Named).
	Acknowledges bool `json:"acknowledges,omitempty"`
	// Performed marks the one Date field that says when the work was done: it may not lie in the future, and Life counts from it.
	// Without one, Life counts from approval.
	Performed bool `json:"performed,omitempty"`
	// Independent means that the person named may not be the owner of the object that the record is about (GVN-03).
	Independent bool `json:"independent,omitempty"`
	// FutureOnly refuses a date that has passed (a promise, an end).
	FutureOnly bool `json:"futureOnly,omitempty"`
	// Measured means that the service reads the value from the evidence (Kind.Reading): nobody types it. Such a field is Optional,
	// because it is empty until the file is attached.
	Measured bool `json:"measured,omitempty"`
}
