package main

import "net/url"

// limitFlags are the flags that every list has.
type limitFlags struct {
	Limit int `default:"0" help:"Most items to print; 0 prints all."`
}

// listFlags are the flags of a list that the server searches.
type listFlags struct {
	Query string `short:"q" help:"Only items that contain these words."`
	limitFlags
}

func getList(t *terminal, path string, q url.Values, limit int, columns ...string) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	items, err := c.list(t.ctx, path, q, limit)
	if err != nil {
		return err
	}
	return t.showList(items, columns...)
}
