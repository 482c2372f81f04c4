package main

import (
	"strings"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
)

// A key is kept under its profile's name, whatever file that stands in: that of
// another file may be the only copy there is.
func TestImportDoesNotTakeThePlaceOfAnotherKey(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	p.write("credentials", "[base]\naws_access_key_id = "+aliceKey()+"\naws_secret_access_key = "+canarySecret+"\n")
	p.must("", "keys", "import", "base", "--yes")
	bob := sandbox.Example()
	bob.Name, bob.AccessKeyID, bob.Secret = "bob", "AKIABOBSEXAMPLE", credential.NewSecret("CANARYofbob")
	p.aws.AddUser(bob)
	plain := "[base]\naws_access_key_id = AKIABOBSEXAMPLE\naws_secret_access_key = CANARYofbob\n"
	p.write("credentials", plain)
	for _, args := range [][]string{{"base"}, {"--all"}} {
		status, _, said := p.run("", append([]string{"keys", "import", "--yes"}, args...)...)
		if !strings.Contains(said, "another key is kept for") || !strings.Contains(said, "understudy keys remove base") || status == 0 && args[0] == "base" {
			t.Errorf("%q: status %d\n%s", args, status, said)
		}
		if got := p.read("credentials"); got != plain {
			t.Errorf("%q: credentials:\n%s", args, got)
		}
	}
	if out, _ := p.must("", "keys", "list"); !strings.Contains(out, aliceKey()) || strings.Contains(out, "AKIABOBS") {
		t.Errorf("list:\n%s", out)
	}
}

func TestAKeyThatStandsElsewhereInTheFileIsTold(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	rest := "# it was " + canarySecret + "\n"
	p.write("credentials", rest+"[base]\naws_access_key_id = "+aliceKey()+"\naws_secret_access_key = "+canarySecret+"\n")
	_, said := p.must("", "keys", "import", "base", "--yes")
	if p.read("credentials") != rest || !strings.Contains(said, "the key stands in "+p.path("credentials")+" still\n") {
		t.Errorf("%s\n%s", said, p.read("credentials"))
	}
	if strings.Contains(said, p.path("config")+" still") {
		t.Errorf("the other file does not hold it:\n%s", said)
	}
}
