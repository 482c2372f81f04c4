package awsconfig

import "testing"

func TestAProblemSaysWhoseLineItIsAndWhoRefusesTheFile(t *testing.T) {
	c := read(t, "stray = x\n[profile a]\nregion = x\nregion = y # why\n[profile b] junk\n[profile c]\n  region = z\n", "[d]\nnothing\n")
	type found struct {
		line    int
		profile string
		refused bool
	}
	var got []found
	for _, p := range c.Problems() {
		got = append(got, found{p.Line, p.Profile, p.Refused()})
	}
	want := []found{{1, "", true}, {4, "a", false}, {4, "a", true}, {5, "", false}, {7, "c", true}, {2, "d", true}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
}

func TestAProblemComesApart(t *testing.T) {
	for text, want := range map[string][3]string{
		noteTwoKeys:    {"the key stands twice in its section", "the last wins, while botocore refuses the whole file", "keep one"},
		noteHashInName: {"the Go SDK takes # and ; in a header for a comment and gives the keys to the section above", "", "rename the profile"},
		noteHomeless:   {"stands above the first section", "passed over, while botocore refuses the whole file", ""},
		noteMore:       {"more lines like these follow", "", ""},
	} {
		what, why, mend := Problem{Text: text}.Parts()
		if got := [3]string{what, why, mend}; got != want {
			t.Errorf("%q comes apart into %q", text, got)
		}
	}
}
