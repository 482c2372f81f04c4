package source

import (
	"fmt"
	"path/filepath"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/place"
)

// absolute returns the path in v. It must be absolute or begin with ~/, because the
// daemon does not know the caller's working directory.
func absolute(v awsconfig.Value) (string, error) {
	path := v.Text
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := place.Home()
		if err != nil {
			return "", badValue(v, "is below the home folder, which is not known", "write the path from the root")
		}
		path = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) {
		return "", badValue(v, fmt.Sprintf("= %q is not an absolute path", brief(v.Text)), "write the path from the root, or from ~/")
	}
	return filepath.Clean(path), nil
}
