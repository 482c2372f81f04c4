// Package settings reads what the user has set for the daemon. The file holds no
// secret.
package settings

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gopkg.in/ini.v1"

	"understudy/internal/credential"
	"understudy/internal/place"
	"understudy/internal/wire"
)

// Settings are those of section [daemon], with what the environment overrides.
type Settings struct {
	Store    Store
	KeepWarm time.Duration // after its last use a session is renewed for so long
	IdleExit time.Duration // the daemon ends after so long without a request; 0 means never
	Prompt   Prompt

	// STSEndpointURL is where STS is asked for profiles that name no endpoint;
	// empty means AWS's own.
	STSEndpointURL string
}

// Store says where sessions are kept.
type Store string

const (
	StoreAuto     Store = "auto"     // the keychain where one answers, else memory
	StoreKeychain Store = "keychain" // the keychain, and an error in status where none answers
	StoreMemory   Store = "memory"   // memory only
)

// Prompt says how a person is asked.
type Prompt string

const (
	PromptAuto Prompt = "auto"
	PromptGUI  Prompt = "gui"
	PromptTTY  Prompt = "tty"
	PromptNone Prompt = "none"
)

// key is one setting: its name in the file, the environment variable that
// overrides it, its default, and how its text is taken.
type key struct {
	name, env, fallback string
	take                func(*Settings, string) error
}

var keys = []key{
	{"store", "UNDERSTUDY_STORE", "auto", func(s *Settings, v string) error {
		return oneOf(&s.Store, v, StoreAuto, StoreKeychain, StoreMemory)
	}},
	{"keep_warm", "UNDERSTUDY_KEEP_WARM", "2h", func(s *Settings, v string) error {
		return duration(&s.KeepWarm, v, time.Minute)
	}},
	{"idle_exit", "UNDERSTUDY_IDLE_EXIT", "0", func(s *Settings, v string) error {
		return duration(&s.IdleExit, v, 0)
	}},
	{"prompt", "UNDERSTUDY_PROMPT", "auto", func(s *Settings, v string) error {
		return oneOf(&s.Prompt, v, PromptAuto, PromptGUI, PromptTTY, PromptNone)
	}},
	{"sts_endpoint_url", "UNDERSTUDY_STS_ENDPOINT_URL", "", func(s *Settings, v string) error {
		s.STSEndpointURL = v // source judges endpoints, wherever they come from
		return nil
	}},
}

// Load reads the settings file, which may be missing, and the environment.
// Whatever it does not understand is a *credential.Failure with the place.
func Load() (Settings, error) {
	var s Settings
	path, err := place.SettingsFile()
	if err != nil {
		return s, err
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return s, bad("%s is not a file", path) // a pipe would never end
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return s, bad("%v; make it yours, or remove it", err)
	}
	return parse(path, content, os.Getenv)
}

func parse(path string, content []byte, getenv func(string) string) (Settings, error) {
	var s Settings
	file, err := ini.LoadSources(ini.LoadOptions{InsensitiveKeys: true, SpaceBeforeInlineComment: true, IgnoreContinuation: true}, content)
	if err != nil {
		return s, bad("%s: %v", path, strings.TrimSpace(err.Error()))
	}
	if stray := file.Section(ini.DefaultSection).Keys(); len(stray) > 0 {
		return s, &credential.Failure{Code: wire.BadConfig,
			Reason: fmt.Sprintf("%s: %q stands above [daemon]", lineOf(path, content, stray[0].Name()), stray[0].Name()),
			Hint:   "write the line [daemon] above it"}
	}
	for _, section := range file.Sections() {
		if section.Name() != "daemon" && section.Name() != ini.DefaultSection {
			return s, bad("%s: the section [%s] is not known; settings stand in [daemon]", lineOf(path, content, "["+section.Name()), section.Name())
		}
	}
	set := file.Section("daemon")
	for _, k := range set.Keys() {
		if !slices.ContainsFunc(keys, func(known key) bool { return known.name == k.Name() }) {
			return s, bad("%s: the key %q is not known; known are %s", lineOf(path, content, k.Name()), k.Name(), names())
		}
	}
	for _, k := range keys {
		value, place := k.fallback, ""
		if set.HasKey(k.name) {
			value, place = set.Key(k.name).Value(), lineOf(path, content, k.name)
		}
		if v := getenv(k.env); v != "" {
			value, place = v, k.env
		}
		if err := k.take(&s, value); err != nil {
			return s, bad("%s: %s = %q: %v", place, k.name, value, err)
		}
	}
	return s, nil
}

func oneOf[T ~string](to *T, v string, known ...T) error {
	if !slices.Contains(known, T(v)) {
		return fmt.Errorf("it is one of %s", strings.Trim(fmt.Sprintf("%q", known), "[]"))
	}
	*to = T(v)
	return nil
}

func duration(to *time.Duration, v string, least time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < least {
		return fmt.Errorf("it is a time such as 90m or 2h, %v or more", least)
	}
	*to = d
	return nil
}

func names() string {
	var all []string
	for _, k := range keys {
		all = append(all, k.name)
	}
	return strings.Join(all, ", ")
}

// lineOf is path:line of the first line that begins with prefix; ini.v1 keeps
// no line numbers.
func lineOf(path string, content []byte, prefix string) string {
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), strings.ToLower(prefix)) {
			return fmt.Sprintf("%s:%d", path, n)
		}
	}
	return path
}

func bad(format string, args ...any) error {
	return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf(format, args...),
		Hint: "mend it; docs/configuration.md lists the settings"}
}
