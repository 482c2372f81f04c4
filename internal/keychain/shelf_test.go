package keychain

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// drawer is items in memory; it dies, for good, after some steps.
type drawer struct {
	kept  map[string]string
	limit int
	left  int // steps before it dies; negative means never
	gets  int
}

var errDead = errors.New("killed")

func newDrawer() *drawer { return &drawer{kept: map[string]string{}, left: -1} }

func (d *drawer) step() bool {
	if d.left == 0 {
		return false
	}
	d.left--
	return true
}

func (d *drawer) get(name string) (string, error) {
	d.gets++
	v, ok := d.kept[name]
	if !ok {
		return "", errNoItem
	}
	return v, nil
}

func (d *drawer) set(name, value string) error {
	if d.limit > 0 && len(value) > d.limit {
		return errItemTooBig
	}
	if !d.step() {
		return errDead
	}
	d.kept[name] = value
	return nil
}

func (d *drawer) remove(name string) error {
	if !d.step() {
		return errDead
	}
	if _, ok := d.kept[name]; !ok {
		return errNoItem
	}
	delete(d.kept, name)
	return nil
}

const testLimit = 120 // a header is under 110

func TestAnyValueComesBackAndNothingIsLeftOver(t *testing.T) {
	d := newDrawer()
	d.limit = testLimit
	s := shelf{items: d, limit: testLimit}
	for _, size := range []int{0, 1, 10, 119, 120, 121, 1000, 240, 5000, 3, 360, 0, 999} {
		value := strings.Repeat("v", size)
		if err := s.set("k", value); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if got, ok, err := s.get("k"); got != value || !ok || err != nil {
			t.Fatalf("%d bytes: %d, %v, %v", size, len(got), ok, err)
		}
		if want := 1 + (size+testLimit-1)/testLimit; len(d.kept) > want {
			t.Errorf("%d bytes take %d items, want %d", size, len(d.kept), want)
		}
	}
	if err := s.remove("k"); err != nil || len(d.kept) != 0 {
		t.Errorf("remove: %v, %d items stay", err, len(d.kept))
	}
}

func TestAValueUnderTheLimitIsOneItemAndOneRead(t *testing.T) {
	d := newDrawer()
	s := shelf{items: d, limit: 64 << 10}
	if err := s.set("k", strings.Repeat("v", 16<<10)); err != nil {
		t.Fatal(err)
	}
	d.gets = 0
	if _, ok, err := s.get("k"); !ok || err != nil || d.gets != 1 || len(d.kept) != 1 {
		t.Errorf("ok %v, err %v, %d reads, %d items", ok, err, d.gets, len(d.kept))
	}
}

func TestKilledAtAnyStepItIsTheOldValueOrTheNew(t *testing.T) {
	sizes := []int{0, 5, 300, 1000, 130, 700}
	points := 0
	for _, before := range sizes {
		for _, after := range sizes {
			old, fresh := strings.Repeat("o", before), strings.Repeat("n", after)
			for left := 0; ; left++ {
				d := newDrawer()
				s := shelf{items: d, limit: testLimit}
				if err := s.set("k", "something longer than one item of the shelf "+old+old); err != nil {
					t.Fatal(err)
				}
				if err := s.set("k", old); err != nil {
					t.Fatal(err)
				}
				d.left = left
				err := s.set("k", fresh)
				d.left = -1
				got, ok, readErr := s.get("k")
				if !ok || readErr != nil || got != old && got != fresh {
					t.Fatalf("%d over %d, killed after %d steps: %d bytes, ok %v, err %v", after, before, left, len(got), ok, readErr)
				}
				if err == nil && got != fresh {
					t.Fatal("it says it is done and is not")
				}
				// The next write puts everything right.
				if err := s.set("k", strings.Repeat("z", 500)); err != nil {
					t.Fatal(err)
				}
				if want := 1 + 5; len(d.kept) != want {
					t.Fatalf("%d items after the next write, want %d: %v", len(d.kept), want, d.kept)
				}
				if err := s.remove("k"); err != nil || len(d.kept) != 0 {
					t.Fatalf("remove: %v, %d stay", err, len(d.kept))
				}
				if points++; err == nil {
					break
				}
			}
		}
	}
	if points < 200 {
		t.Errorf("only %d kill points", points)
	}
}

func TestKilledWhileRemovingNothingIsLeftForEver(t *testing.T) {
	for left := range 12 {
		d := newDrawer()
		s := shelf{items: d, limit: testLimit}
		if err := s.set("k", strings.Repeat("v", 1000)); err != nil {
			t.Fatal(err)
		}
		d.left = left
		_ = s.remove("k") // killed
		d.left = -1
		if got, ok, err := s.get("k"); err != nil || ok && len(got) != 1000 {
			t.Fatalf("after %d steps: %d bytes, %v, %v", left, len(got), ok, err)
		}
		if err := s.remove("k"); err != nil || len(d.kept) != 0 {
			t.Fatalf("after %d steps: %v, %d items stay", left, err, len(d.kept))
		}
	}
}

func TestADamagedItemIsTornAndNeverAMix(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	torn := 0
	for n := range 1000 {
		d := newDrawer()
		s := shelf{items: d, limit: testLimit}
		value := strings.Repeat("v", r.IntN(600))
		for _, v := range []string{"another", value} {
			if err := s.set("k", v); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.set("foreign", strings.Repeat("f", 600)); err != nil {
			t.Fatal(err)
		}
		var names []string
		for name := range maps.Keys(d.kept) {
			if strings.HasPrefix(name, "k") {
				names = append(names, name)
			}
		}
		name := names[r.IntN(len(names))]
		switch item := []byte(d.kept[name]); {
		case n%5 == 0:
			delete(d.kept, name)
		case n%5 == 1:
			d.kept[name] = d.kept["foreign"]
		case len(item) > 0 && n%5 == 2:
			d.kept[name] = string(item[:r.IntN(len(item))])
		case len(item) > 0:
			item[r.IntN(len(item))] ^= 1 << r.IntN(8)
			d.kept[name] = string(item)
		}
		got, ok, err := s.get("k")
		if ok && got != value || err != nil && (ok || !errors.Is(err, ErrTorn)) {
			t.Fatalf("%q: ok %v, err %v", d.kept, ok, err)
		}
		if err != nil {
			torn++
		}
		if err := s.set("k", value); err != nil { // and it can be written again
			t.Fatal(err)
		}
		if got, ok, err := s.get("k"); got != value || !ok || err != nil {
			t.Fatalf("written again: ok %v, err %v", ok, err)
		}
	}
	if torn < 700 {
		t.Errorf("only %d of 1000 were found torn", torn)
	}
}

func FuzzParseItem(f *testing.F) {
	for _, seed := range []string{
		describe("k", "value", "a", 0).String() + "value",
		describe("k", "value", "b", 3).String(),
		"understudy-item 2 anything\n",
		"understudy-item 1 -1 a 99999999999999999999 x\n",
		"understudy-item 1 0 a 5",
		"foreign",
		"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, item string) {
		h, rest, err := parseItem(item)
		if err != nil {
			if !errors.Is(err, ErrTorn) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			return
		}
		again, _, err := parseItem(h.String() + rest)
		if err != nil || again != h {
			t.Errorf("%v, %v; want %v", again, err, h)
		}
		d := newDrawer()
		d.kept["k"] = item
		if value, ok, err := (shelf{items: d, limit: testLimit}).get("k"); ok && !h.fits("k", value) {
			t.Error(fmt.Sprint("believed ", item, err))
		}
	})
}

func TestAnItemOfANewerVersionIsToldFromDamage(t *testing.T) {
	d := newDrawer()
	s := shelf{items: d, limit: testLimit}
	for item, newer := range map[string]bool{"understudy-item 2 whatever it says\n": true, "understudy-item 0 x\n": false, "foreign": false} {
		d.kept["k"] = item
		if _, ok, err := s.get("k"); ok || !errors.Is(err, ErrTorn) || errors.Is(err, ErrNewer) != newer {
			t.Errorf("%q: ok %v, err %v", item, ok, err)
		}
	}
	if got := errorOf(answer{Code: codeNewer}); !errors.Is(got, ErrNewer) || !errors.Is(got, ErrTorn) {
		t.Errorf("over the pipe it becomes %v", got)
	}
	if code, _ := codeOf(ErrNewer); code != codeNewer {
		t.Errorf("its code is %s", code)
	}
}
