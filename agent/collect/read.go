package collect

import (
	"io"
	"strings"
)

func readAll(r io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), "\x00\n\t ")
}
