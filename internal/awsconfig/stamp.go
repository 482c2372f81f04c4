package awsconfig

import (
	"io/fs"
	"os"
	"time"
)

// stamp is what of a file changes when its content does.
type stamp struct {
	present  bool
	unknown  bool // it could not be had: equal to nothing that was kept
	dev, ino uint64
	size     int64
	mtime    int64 // ns since 1970
	ctime    int64 // ns since 1970

	settled bool // it was the same before and after the content was read
}

// stampOf looks at the file behind path, without opening it.
func stampOf(path string) stamp {
	if path == "" {
		return stamp{settled: true}
	}
	if st, ok := quickStamp(path); ok {
		return st
	}
	info, err := os.Stat(path)
	switch {
	case missing(err) || err == nil && isNull(info):
		return stamp{settled: true}
	case err != nil || !info.Mode().IsRegular():
		return stamp{unknown: true}
	}
	st := newStamp(info)
	st.settled = true
	return st
}

func newStamp(info fs.FileInfo) stamp {
	st := stamp{present: true, size: info.Size(), mtime: info.ModTime().UnixNano()}
	st.dev, st.ino, st.ctime = inode(info)
	return st
}

func (s stamp) same(t stamp) bool {
	s.settled, t.settled = false, false
	return s == t
}

// near reports whether the file was changed within d of now. A missing file
// has no time: it may have been taken away just now.
func (s stamp) near(now time.Time, d time.Duration) bool {
	return !s.present || now.Sub(time.Unix(0, s.mtime)).Abs() < d
}

// steady reports whether any later change will show in the stamp. File systems
// count time in ticks, of up to 2 s where no fraction of a second is kept: a
// second change in the tick of the first leaves the same stamp.
func (s stamp) steady(now time.Time) bool {
	tick := 100 * time.Millisecond
	if s.mtime%int64(time.Second) == 0 {
		tick = 2 * time.Second
	}
	return s.settled && (!s.present || now.Sub(time.Unix(0, s.mtime)) > tick)
}
