package registry

import "context"

// TypesAt lists the device types in use at each site, by the name of the site. Retired devices are not there any more.
func (s *Service) TypesAt(ctx context.Context) (map[string][]string, error) {
	rows, err := s.DB.Query(ctx, "SELECT DISTINCT site, type FROM registry_tally WHERE devices > 0 AND state <> 'retired' AND site <> '' AND type <> '' ORDER BY site, type")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string][]string{}
	for rows.Next() {
		var site, typ string
		if err := rows.Scan(&site, &typ); err != nil {
			return nil, err
		}
		out[site] = append(out[site], typ)
	}
	return out, rows.Err()
}
