package catalogue

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// copyFiles returns the embedded catalogue as files that a test may change.
func copyFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	copied := fstest.MapFS{}
	for _, pattern := range []string{"domains/*.yaml", "frameworks/*.yaml", "profiles/*.yaml"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := files.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			copied[name] = &fstest.MapFile{Data: data}
		}
	}
	return copied
}

// One change to one file, and a part of the error that it must cause.
var faulty = map[string]struct{ file, old, new, want string }{
	"unknown field":          {"domains/EOL.yaml", "summary:", "abstract:", "abstract"},
	"domain set by hand":     {"domains/EOL.yaml", "    title:", "    domain: EOL\n    title:", "domain"},
	"key twice":              {"domains/EOL.yaml", "name: End of life", "name: End of life\nname: Other", "EOL.yaml"},
	"two documents":          {"domains/EOL.yaml", "controls:", "---\ncontrols:", "EOL.yaml"},
	"empty file":             {"domains/EOL.yaml", "*", "", "EOL.yaml"},
	"not YAML":               {"domains/EOL.yaml", "*", "\x00{", "EOL.yaml"},
	"too large":              {"domains/EOL.yaml", "*", strings.Repeat("# \n", maxFile), "the limit is"},
	"other domain":           {"domains/EOL.yaml", "id: EOL\n", "id: EOX\n", "has EOL with order 24"},
	"other order":            {"domains/EOL.yaml", "order: 24", "order: 30", "order 30"},
	"control renamed":        {"domains/EOL.yaml", "id: EOL-01", "id: EOL-02", "EOL-02"},
	"control twice":          {"domains/COM.yaml", "id: COM-02", "id: COM-01", "COM-01"},
	"control surplus":        {"domains/UPD.yaml", "  - id: UPD-06", "  - id: UPD-07\n  - id: UPD-06", "has 7 controls"},
	"title too long":         {"domains/EOL.yaml", "title: ", "title: " + strings.Repeat("long ", 15), "the limit is 72"},
	"title twice":            {"domains/COM.yaml", "title: MQTT passwords travel only inside TLS", "title: MQTT clients identify themselves by certificate", "title is the one of COM-02"},
	"empty text":             {"domains/COM.yaml", "fails_when: An application holds a grant that nothing narrows or that was not used for 90 days, or the self-test\n      publishes or subscribes outside its list.", `fails_when: ""`, "COM-01: fails_when is empty"},
	"no full stop":           {"domains/COM.yaml", "outside its list.", "outside its list", "COM-01: fails_when does not end"},
	"mode without duty":      {"domains/COM.yaml", "modes: [enforced]", "modes: [enforced, measured]", "COM-01: modes are [enforced measured], the obligations imply [enforced]"},
	"duty without mode":      {"domains/COM.yaml", "mode: enforced", "mode: measured", "COM-01: modes are [enforced], the obligations imply [enforced measured]"},
	"unknown mode":           {"domains/COM.yaml", "mode: enforced", "mode: hoped", "hoped"},
	"unknown layer":          {"domains/COM.yaml", "layers: [broker]", "layers: [moon]", "COM-01: layers are [moon]"},
	"no layer":               {"domains/COM.yaml", "layers: [broker]", "layers: []", "COM-01: layers are []"},
	"obligation key twice":   {"domains/COM.yaml", "key: subscribe-refused", "key: publish-refused", "COM-01/publish-refused: key is used twice"},
	"obligation key not fit": {"domains/COM.yaml", "key: subscribe-refused", "key: Subscribe refused", "not in kebab case"},
	"framework renamed":      {"frameworks/owasp-iot-2018.yaml", "id: owasp-iot-2018", "id: owasp-iot", "framework owasp-iot-2018 is missing"},
	"item twice":             {"frameworks/owasp-iot-2018.yaml", "- id: I2\n", "- id: I1\n", "item I1 is listed twice"},
	"source domain unknown":  {"frameworks/owasp-iot-2018.yaml", "{domain: RSM,", "{domain: XXX,", "source maps domain XXX"},
	"source domain left out": {"frameworks/owasp-iot-2018.yaml", "  - {domain: RSM, items: []}\n", "", "source maps 25 domains of 26"},
	"source item unknown":    {"frameworks/owasp-iot-2018.yaml", "{domain: TSP, items: [I8]}", "{domain: TSP, items: [I11]}", "I11"},
	"product item unknown":   {"frameworks/owasp-iot-2018.yaml", "- item: I2\n", "- item: I11\n", "product maps item I11"},
	"product pair twice":     {"frameworks/owasp-iot-2018.yaml", "{control: TSP-07, why", "{control: TSP-03, why", "I1/TSP-03"},
	"product unknown":        {"frameworks/owasp-iot-2018.yaml", "{control: TSP-07, why", "{control: TSP-77, why", "I1/TSP-77"},
	"relation unknown":       {"frameworks/owasp-iot-2018.yaml", "relation: subset", "relation: superset", "superset"},
	"item without reference": {"frameworks/nistir-8259a.yaml", "    by: [iotops, redalert]\n", "", "names no reference that supports it"},
	"reference unknown":      {"frameworks/nistir-8259a.yaml", "by: [iotops]", "by: [nobody]", `the reference "nobody"`},
	"reference undated":      {"frameworks/nistir-8259a.yaml", `read: "2026-11-22"`, `read: ""`, "the date of reading"},
	"reference twice":        {"frameworks/nistir-8259a.yaml", "key: iotops,", "key: nist,", `reference key "nist" is taken`},
	"framework undated":      {"frameworks/nistir-8259a.yaml", `date: "2020-05"`, `date: "May"`, `date "May" is none`},
	"framework twice":        {"frameworks/nistir-8259a.yaml", "id: nistir-8259a", "id: iec-62443-4-2", "the identifier is taken"},
	"profile twice":          {"profiles/health.yaml", "id: health", "id: retail", `profile "retail": the identifier is taken`},
	"profile weight neutral": {"profiles/health.yaml", "weight: 3", "weight: 1", "leave out what weighs 1"},
	"profile weight heavy":   {"profiles/health.yaml", "weight: 3", "weight: 4", "weighs 4"},
	"profile order":          {"profiles/health.yaml", "control: TSP-05", "control: UPD-01", "out of order"},
	"profile control":        {"profiles/health.yaml", "control: TSP-05", "control: TSP-55", "TSP-55 is unknown"},
	"profile reason":         {"profiles/health.yaml", "so every place of the data must be assessed.", "", "full stop"},
}

func TestLoadRefusesFaults(t *testing.T) {
	for name, test := range faulty {
		t.Run(name, func(t *testing.T) {
			changed := copyFiles(t)
			file := changed[test.file]
			if test.old == "*" {
				file.Data = []byte(test.new)
			} else {
				if !bytes.Contains(file.Data, []byte(test.old)) {
					t.Fatalf("%s has no %q", test.file, test.old)
				}
				file.Data = bytes.Replace(file.Data, []byte(test.old), []byte(test.new), 1)
			}
			_, err := load(changed)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one that contains %q", err, test.want)
			}
		})
	}
}

func TestLoadRefusesMissingDomain(t *testing.T) {
	changed := copyFiles(t)
	delete(changed, "domains/COM.yaml")
	if _, err := load(changed); err == nil || !strings.Contains(err.Error(), "25 domains, the framework has 26") {
		t.Errorf("error is %v", err)
	}
}

// FuzzDecode feeds the decoder anything: it returns an error or a value that
// validation can look at, and never fails otherwise.
func FuzzDecode(f *testing.F) {
	for _, file := range copyFiles(f) {
		f.Add(file.Data[:min(len(file.Data), 3000)])
	}
	f.Add([]byte("id: COM\ncontrols:\n  - id: COM-01\n    obligations: [{key: a, mode: enforced, text: T.}]\n"))
	f.Add([]byte("a: &a [*a, *a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := decode[Domain](data); err == nil {
			c := &Catalogue{Domains: []Domain{d}}
			c.index()
			if c.validate() == nil {
				t.Error("one domain passed for a whole catalogue")
			}
		}
		if fw, err := decode[Framework](data); err == nil {
			c := &Catalogue{Frameworks: []Framework{fw}}
			c.index()
			if c.validate() == nil {
				t.Error("no domain passed for a whole catalogue")
			}
		}
	})
}
