package adopt

import (
	"strings"
	"testing"
)

// botocore refuses the whole file for a key that stands twice in a section.
func TestAProfileThatIsNamedTwiceIsMovedOnce(t *testing.T) {
	f := Files{Files: paths, ConfigText: "[profile base]\nrole_arn = arn:aws:iam::123456789012:role/A\ncredential_source = Environment\n"}
	c := mover().Adopt(t.Context(), f, []string{"base", "base"})
	if config, _ := c.Texts(); strings.Count(config, process) != 1 || len(c.Profiles) != 1 || c.Profiles[0].State != Moved {
		t.Errorf("moved in: %+v\n%s", c.Profiles, config)
	}
	f = Files{Files: paths, CredentialsText: "[base]\n" + madeUpID + madeUpSecret}
	c, keys := mover().Import(f, []string{"base", "base"})
	if _, credentials := c.Texts(); credentials != "[base]\n"+plugIn || len(c.Profiles) != 1 || len(keys) != 1 {
		t.Errorf("imported: %+v\n%s", c.Profiles, credentials)
	}
	f = Files{Files: paths, ConfigText: "[profile base]\n" + plugIn}
	if c := Release(f, []string{"base", "base"}); len(c.Profiles) != 1 {
		t.Errorf("moved out: %+v", c.Profiles)
	}
}
