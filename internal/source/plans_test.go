package source

import (
	"fmt"
	"testing"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

func TestPlansOfTenThousandProfilesAreKept(t *testing.T) {
	const profiles = 10_000
	var c plans
	files, cfg := awsconfig.Files{Config: "/c"}, &awsconfig.Config{}
	what := func(i int) planKey { return planKey{profile: fmt.Sprint(i)} }
	for i := range profiles {
		c.put(files, cfg, what(i), &credential.Plan{}, nil, c.dropped())
	}
	for i := range profiles {
		if _, ok := c.get(files, cfg, what(i)); !ok {
			t.Fatalf("the plan of profile %d is made again with each request", i)
		}
	}
}

func TestThePlansOfOnePairOfFilesAreBounded(t *testing.T) {
	var c plans
	files, cfg := awsconfig.Files{Config: "/c"}, &awsconfig.Config{}
	for i := range 2*maxProfiles + 1 {
		c.put(files, cfg, planKey{profile: fmt.Sprint(i)}, &credential.Plan{}, nil, c.dropped())
	}
	if n := len(c.pairs[files].profiles); n > maxProfiles {
		t.Errorf("%d plans are kept", n)
	}
}
