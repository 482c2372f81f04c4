package canary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unsafe"

	"understudy/internal/credential"
)

// Mark is the text that a value is filled with to see where it comes out.
const Mark = "CanaryInTheMine/0123456789+EXAMPLE"

// telling are the names of the plain texts that hold a secret, or may: a file's,
// an answer's.
var telling = regexp.MustCompile(`(?i:secret|token|passw|passphrase|seed|assertion|verifier|private)|ConfigText|CredentialsText|^(src|text|value|Body|buf)$`)

// Shown returns the ways in which a T shows the mark when it stands in every
// Secret that T holds, and in every text whose name says that it is one. harmless
// are names of texts that only sound so.
func Shown[T any](harmless ...string) (shown []string) {
	v := new(T)
	(&filler{harmless: harmless}).fill(reflect.ValueOf(v).Elem(), "")
	type field struct{ V T }
	type pointer struct{ V *T }
	for name, holder := range map[string]any{
		"itself": *v, "a pointer to it": v, "a field": field{*v}, "a field that points to it": pointer{v},
		"a slice": []T{*v}, "a map": map[string]T{"k": *v}, "an any": []any{*v, v},
	} {
		for _, way := range ways(holder) {
			shown = append(shown, way+" of "+name)
		}
	}
	slices.Sort(shown)
	return shown
}

// ways returns those in which the mark comes out of v.
func ways(v any) (shown []string) {
	see := func(way, text string) {
		if len(Secrets{"mark": Mark}.In(text)) > 0 {
			shown = append(shown, way)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "% x", "%X", "%d"} {
		see(verb, fmt.Sprintf(verb, v))
	}
	if err, ok := v.(error); ok {
		see("Error", fmt.Errorf("%w", err).Error())
	}
	see("json.Marshal", marshalled(v))
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("value", "v", v, slog.Group("g", slog.Any("v", v)))
		see(name, b.String())
	}
	return shown
}

// marshalled is v as JSON. A method of a value that is filled and not made may
// trip.
func marshalled(v any) (text string) {
	defer func() {
		if caught := recover(); caught != nil {
			text = fmt.Sprint(caught)
		}
	}()
	b, err := json.Marshal(v)
	return string(b) + fmt.Sprint(err)
}

// filler fills values, unexported fields too.
type filler struct {
	harmless []string
	path     []reflect.Type // of what is being filled, against types that hold themselves
}

var secretType = reflect.TypeFor[credential.Secret]()

// fill fills v, which is addressable; name is that of its field.
func (f *filler) fill(v reflect.Value, name string) {
	t := v.Type()
	v = reflect.NewAt(t, unsafe.Pointer(v.UnsafeAddr())).Elem() // to be set though unexported
	if t == secretType {
		v.Set(reflect.ValueOf(credential.NewSecret(Mark)))
		return
	}
	if slices.Contains(f.path, t) || foreign(t) {
		return
	}
	if t.Kind() != reflect.String && t.Kind() != reflect.Slice {
		f.path = append(f.path, t)
		defer func() { f.path = f.path[:len(f.path)-1] }()
	}
	marked := telling.MatchString(name) && !slices.Contains(f.harmless, name)
	switch t.Kind() {
	case reflect.String:
		if marked {
			v.SetString(Mark)
		}
	case reflect.Struct:
		for i := range t.NumField() {
			f.fill(v.Field(i), t.Field(i).Name)
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), name)
		}
	case reflect.Pointer:
		if !foreign(t.Elem()) {
			v.Set(reflect.New(t.Elem()))
			f.fill(v.Elem(), name)
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			if marked {
				v.SetBytes([]byte(Mark))
			}
			return
		}
		v.Set(reflect.MakeSlice(t, 1, 1))
		f.fill(v.Index(0), name)
	case reflect.Map:
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		f.fill(key, name)
		f.fill(value, name)
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(key, value)
	case reflect.Interface:
		if marked && t.NumMethod() == 0 {
			v.Set(reflect.ValueOf(Mark))
		}
	}
}

// foreign reports whether a type is not one whose inside may hold a secret of
// ours: neither of this module nor the SDK's.
func foreign(t reflect.Type) bool {
	path := t.PkgPath()
	return path != "" && !strings.HasPrefix(path, "understudy/") && !strings.HasPrefix(path, "github.com/aws/")
}
