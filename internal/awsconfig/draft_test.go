package awsconfig

import (
	"strings"
	"testing"
)

const drafted = "# mine\r\n[profile x] # here\r\n  Role_ARN\t=  a # b\r\n  s3 =\r\n    role_arn = no\r\n  region = r\r\n   more\r\n[profile y]\nrole_arn: c"

func TestADraftChangesItsLinesAndNoOtherByte(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(d *Draft)
		want string
	}{
		{"nothing", func(*Draft) {}, drafted},
		{"a key renamed", func(d *Draft) { d.Rename(3, "understudy_Role_ARN") },
			strings.Replace(drafted, "Role_ARN", "understudy_Role_ARN", 1)},
		{"a last key renamed", func(d *Draft) { d.Rename(9, "k") }, strings.Replace(drafted, "role_arn: c", "k: c", 1)},
		{"a pair written anew", func(d *Draft) { d.Rewrite(3, "k", "v") },
			strings.Replace(drafted, "Role_ARN\t=  a # b", "k = v", 1)},
		{"lines put in, that end as their neighbour", func(d *Draft) { d.Insert(2, "  k = v", "  l = w"); d.Insert(2, "  m = x") },
			strings.Replace(drafted, "# here\r\n", "# here\r\n  k = v\r\n  l = w\r\n  m = x\r\n", 1)},
		{"a line put in at the end", func(d *Draft) { d.Insert(9, "k = v") }, drafted + "\r\nk = v"},
		{"lines taken out", func(d *Draft) { d.Remove(6, 7) }, strings.Replace(drafted, "  region = r\r\n   more\r\n", "", 1)},
		{"the last line taken out", func(d *Draft) { d.Remove(9, 9) }, strings.TrimSuffix(drafted, "\nrole_arn: c")},
	} {
		d := DraftConfig("/config", drafted)
		c.edit(d)
		if got := d.Text(); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
		if changed := c.want != drafted; d.Changed() != changed {
			t.Errorf("%s: changed is %v", c.name, d.Changed())
		}
	}
}

func TestADraftKnowsWhereAProfileStands(t *testing.T) {
	d := DraftConfig("/config", drafted+"\n[profile x]\nmfa_serial = m\n")
	parts := d.Parts("x")
	if len(parts) != 2 || parts[0].Line != 2 || parts[1].Line != 10 {
		t.Fatalf("parts %+v", parts)
	}
	want := []Pair{
		{Key: "Role_ARN", Line: 3, Last: 3, Indent: "  ", value: "a"},
		{Key: "s3", Line: 4, Last: 5, Indent: "  "},
		{Key: "region", Line: 6, Last: 7, Indent: "  ", value: "r"},
	}
	for i, p := range parts[0].Pairs {
		if p != want[i] {
			t.Errorf("pair %+v, want %+v", p, want[i])
		}
	}
	if len(parts[0].Pairs) != len(want) || len(parts[1].Pairs) != 1 {
		t.Errorf("parts %+v", parts)
	}
	if got := d.Parts("z"); got != nil {
		t.Errorf("no such profile, and parts %+v", got)
	}
}

func TestADraftPutsALineBelowAHeaderThatEndsTheFile(t *testing.T) {
	d := DraftCredentials("/credentials", "\ufeff[x]")
	d.Insert(1, "k = v")
	text := d.Text()
	if text != "\ufeff[x]\nk = v" {
		t.Fatalf("%q", text)
	}
	d = DraftCredentials("/credentials", text)
	d.Remove(2, 2)
	if d.Text() != "\ufeff[x]" {
		t.Errorf("taken out again: %q", d.Text())
	}
}

func TestASectionIsRemovedOnlyWhereNothingIsLeftOfIt(t *testing.T) {
	const text = "# mine\n[a]\nk = v\n\n \n[b]\n# of b\nk = v\n[c]\nk = v\n"
	for name, c := range map[string]struct {
		edit func(d *Draft) bool
		want string
		is   bool
	}{
		"blank lines":   {func(d *Draft) bool { d.Remove(3, 3); return d.RemoveEmpty(2) }, "# mine\n[b]\n# of b\nk = v\n[c]\nk = v\n", true},
		"a pair":        {func(d *Draft) bool { return d.RemoveEmpty(2) }, text, false},
		"a comment":     {func(d *Draft) bool { d.Remove(8, 8); return d.RemoveEmpty(6) }, "# mine\n[a]\nk = v\n\n \n[b]\n# of b\n[c]\nk = v\n", false},
		"a line put in": {func(d *Draft) bool { d.Remove(10, 10); d.Insert(9, "l = w"); return d.RemoveEmpty(9) }, "# mine\n[a]\nk = v\n\n \n[b]\n# of b\nk = v\n[c]\nl = w\n", false},
		"the last":      {func(d *Draft) bool { d.Remove(10, 10); return d.RemoveEmpty(9) }, "# mine\n[a]\nk = v\n\n \n[b]\n# of b\nk = v\n", true},
	} {
		d := DraftCredentials("/credentials", text)
		if is := c.edit(d); is != c.is || d.Text() != c.want {
			t.Errorf("%s: %v\n%q, want\n%q", name, is, d.Text(), c.want)
		}
	}
}

func TestADraftKnowsWhatAnSDKTakesForTheSectionAbove(t *testing.T) {
	for text, want := range map[string]string{
		"[profile a]\nk = 1\n[profile b#1]\nrole_arn = x\n":                      "role_arn",
		"[profile a]\n[profile b\nrole_arn = x\nregion: y\n[profile c]\nk = 1\n": "role_arn region",
		"[profile a]\n[profile b];two\nrole_arn = x\n  s3 =\n":                   "role_arn s3",
		"[profile a]\n[profile b] # two\nrole_arn = x\n":                         "",
		"[profile a]\n[profile b] # see [1]\nrole_arn = x\n[profile c\nk = 1\n":  "",
		"[profile a]\nk = 1": "",
	} {
		var keys []string
		for _, p := range DraftConfig("/config", text).Parts("a")[0].Spill {
			keys = append(keys, p.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
