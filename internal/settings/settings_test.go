package settings

import (
	"strings"
	"testing"
	"time"
)

func none(string) string { return "" }

func TestSettingsHaveDefaultsWithoutAFile(t *testing.T) {
	s, err := parse("config", nil, none)
	want := Settings{Store: StoreAuto, KeepWarm: 2 * time.Hour, Prompt: PromptAuto}
	if err != nil || s != want {
		t.Fatalf("got %+v, %v; want %+v", s, err, want)
	}
}

func TestSettingsComeFromTheFileAndTheEnvironmentOverrides(t *testing.T) {
	file := "# mine\n[daemon]\nSTORE = keychain\nkeep_warm = 90m ; a comment\nidle_exit=12h\nprompt = none\nsts_endpoint_url = http://127.0.0.1:5000/#a\n"
	env := map[string]string{"UNDERSTUDY_STORE": "memory", "UNDERSTUDY_KEEP_WARM": "3h"}
	s, err := parse("config", []byte(file), func(k string) string { return env[k] })
	want := Settings{StoreMemory, 3 * time.Hour, 12 * time.Hour, PromptNone, "http://127.0.0.1:5000/#a"}
	if err != nil || s != want {
		t.Fatalf("got %+v, %v; want %+v", s, err, want)
	}
}

func TestBadSettingsAreRefusedWithTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ file, env, want string }{
		"unknown key":     {"[daemon]\n\nkeepwarm = 2h\n", "", `/c:3: the key "keepwarm" is not known`},
		"unknown section": {"[daemon]\n[demon]\nstore = auto\n", "", `/c:2: the section [demon] is not known`},
		"no section":      {"# mine\nstore = auto\n", "", `/c:2: "store" stands above [daemon]`},
		"above it":        {"\nkeep_warm = 2h\n[daemon]\nstore = auto\n", "", `/c:2: "keep_warm" stands above [daemon]`},
		"not a time":      {"[daemon]\nkeep_warm = soon\n", "", `/c:2: keep_warm = "soon": it is a time`},
		"negative":        {"[daemon]\nidle_exit = -1h\n", "", `/c:2: idle_exit = "-1h": it is a time`},
		"not a store":     {"[daemon]\nstore = file\n", "", `/c:2: store = "file": it is one of "auto" "keychain" "memory"`},
		"environment":     {"", "disk", `UNDERSTUDY_STORE: store = "disk"`},
	} {
		_, err := parse("/c", []byte(c.file), func(k string) string {
			if k == "UNDERSTUDY_STORE" {
				return c.env
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[daemon]\nstore = auto\n"))
	f.Add([]byte("[daemon\n"))
	f.Add([]byte("\ufeff[daemon]\r\nkeep_warm = 1h\r\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if s, err := parse("config", content, none); err == nil && (s.Store == "" || s.KeepWarm < time.Minute) {
			t.Errorf("accepted %+v", s)
		}
	})
}
