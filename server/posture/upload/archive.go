package upload

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/thingward/thingward/fleet"
)

// Bounds of a workbook before it is opened.
const (
	mostEntries  = 512
	mostUnpacked = 32 << 20 // bytes, of all parts together
	mostXMLDepth = 64
	mostRow      = 20_000
	mostColumn   = 64
)

// checkArchive looks at every part of a workbook before anything interprets it. Sizes are counted while unpacking, because
// what an archive says about itself may be a lie.
func checkArchive(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fleet.Invalid("file", "is no whole XLSX file: save it again and send all of it")
	}
	if len(z.File) > mostEntries {
		return fleet.Invalid("file", fmt.Sprintf("holds %d parts and may hold %d: save only the sheet with the items", len(z.File), mostEntries))
	}
	var f faults
	left := int64(mostUnpacked)
	names := map[string]bool{}
	for _, entry := range z.File {
		if reason := refusedPart(entry, names); reason != "" {
			f.addf(entry.Name, "%s", reason)
			continue
		}
		names[strings.ToLower(entry.Name)] = true
		n, err := checkPart(&f, entry, left)
		if err != nil {
			return err
		}
		left -= n
	}
	return f.err("The workbook")
}

// refusedPart says why a part has no place in a list of items; empty where it has.
func refusedPart(entry *zip.File, names map[string]bool) string {
	name := strings.ToLower(strings.ReplaceAll(entry.Name, "\\", "/"))
	switch {
	case entry.Flags&1 != 0:
		return "is encrypted: save the workbook without a password"
	case path.IsAbs(name) || strings.Contains(name, ".."):
		return "has a name that leads out of the workbook: save it again with a spreadsheet program"
	case names[name]:
		return "stands twice in the workbook: save it again with a spreadsheet program"
	case strings.HasSuffix(name, ".bin") && strings.Contains(name, "vba"), strings.Contains(name, "activex"), strings.Contains(name, "macrosheets"):
		return "holds macros: save the workbook as .xlsx without them"
	case strings.Contains(name, "externallinks/"), strings.Contains(name, "embeddings/"), strings.HasSuffix(name, "xl/connections.xml"):
		return "points to other files or data sources: paste values and remove the links"
	}
	return ""
}

// checkPart unpacks one part within what is left, and reads it where it is XML.
func checkPart(f *faults, entry *zip.File, left int64) (int64, error) {
	r, err := entry.Open()
	if err != nil {
		return 0, fleet.Invalid(clip(entry.Name), "cannot be unpacked: save the workbook again with a spreadsheet program")
	}
	defer func() { _ = r.Close() }()
	counted := &counter{r: io.LimitReader(r, left+1)}
	name := strings.ToLower(entry.Name)
	if strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels") || strings.HasSuffix(name, ".vml") {
		err = checkXML(f, entry.Name, counted)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, counted)
	}
	switch {
	case counted.n > left:
		return 0, fleet.Invalid(clip(entry.Name), fmt.Sprintf("unpacks the workbook to more than %d bytes: save only the sheet with the items", mostUnpacked))
	case fleet.CodeOf(err) != "":
		return 0, err
	case err != nil:
		return 0, fleet.Invalid(clip(entry.Name), "is damaged: save the workbook again with a spreadsheet program")
	}
	return counted.n, nil
}

type counter struct {
	r io.Reader
	n int64
}

// Read counts what it reads.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// checkXML reads a part as tokens. A document type could define entities, and nothing in a workbook needs one.
func checkXML(f *faults, name string, r io.Reader) error {
	dec := xml.NewDecoder(r)
	sheet := strings.Contains(strings.ToLower(name), "worksheets/sheet")
	var cells cellScan
	for depth := 0; ; {
		token, err := dec.RawToken()
		switch t := token.(type) {
		case xml.Directive:
			return fleet.Invalid(clip(name), "holds a document type or entity: save the workbook again with a spreadsheet program")
		case xml.StartElement:
			if depth++; depth > mostXMLDepth {
				return fleet.Invalid(clip(name), fmt.Sprintf("nests deeper than %d: save the workbook again with a spreadsheet program", mostXMLDepth))
			}
			if sheet {
				if err := cells.start(f, name, t); err != nil {
					return err
				}
			}
		case xml.EndElement:
			depth--
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
}

// cellScan follows the cells of a sheet.
type cellScan struct{ cell string }

// start notes formulas, and refuses cells so far out that a row of them would be dear.
func (c *cellScan) start(f *faults, name string, el xml.StartElement) error {
	switch el.Name.Local {
	case "c", "row":
		for _, a := range el.Attr {
			if a.Name.Local != "r" {
				continue
			}
			column, row := 1, 0
			var err error
			if el.Name.Local == "c" {
				c.cell = clip(a.Value)
				column, row, err = excelize.CellNameToCoordinates(a.Value)
			} else {
				_, err = fmt.Sscanf(a.Value, "%d", &row)
			}
			if err != nil || column > mostColumn || row > mostRow || row < 1 {
				return fleet.Invalid(clip(name)+" "+clip(a.Value), fmt.Sprintf("is no cell within %d columns and %d rows: move the items to the top left", mostColumn, mostRow))
			}
		}
	case "f":
		f.addf(name+" "+c.cell, "is a formula: copy the cells and paste them as values")
	}
	return nil
}
