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
	Name     string // camelCase
	Title    string
	Help     string
	Type     FieldType
	Optional bool     // every field is required unless it says otherwise; a required text has at least Least characters (1 unless set)
	Options  []string // of Choice and Many
	Fields   []Field  // columns of Rows
	Of       About    // of Refs
	Least    float64  // characters, value, rows or choices
	Most     float64  // 0: no bound but the service's own
	// Covers lists what rows must be there: for Rows, values of the first column; for Many, options that must be chosen. What is
	// missing is named.
	Covers []string
	// Tracks makes each row a tracked item when the record is approved. Its columns are then title, owner (Person), due (Date).
	Tracks bool
	// Acknowledges means that the person named has to acknowledge the record (Readers Named).
	Acknowledges bool
	// Performed marks the one Date field that says when the work was done: it may not lie in the future, and Life counts from it.
	// Without one, Life counts from approval.
	Performed bool
	// Independent means that the person named may not be the owner of the object that the record is about (GVN-03).
	Independent bool
	// FutureOnly refuses a date that has passed (a promise, an end).
	FutureOnly bool
}
