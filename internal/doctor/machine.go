package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

func settingsFile(f *Facts, r *report) {
	if f.Machine.Settings != nil {
		r.refused(f.Machine.Settings, Error)
	}
}

func socket(f *Facts, r *report) {
	m := f.Machine
	if m.Place != nil {
		r.refused(m.Place, Error)
		return
	}
	st, err := f.Stat(m.Socket)
	if m.Socket == "" || err != nil || !st.Modes {
		return
	}
	switch {
	case !st.Mine:
		r.in(m.Socket, 0, Error, "the socket belongs to another user", "the helper does not talk to another's daemon", write("remove it, or let UNDERSTUDY_SOCKET name another place"))
	case st.Mode&fs.ModeSocket == 0:
		r.in(m.Socket, 0, Error, "what stands in the socket's place is no socket", "the helper finds no daemon there", run("understudy", "daemon", "restart"))
	case st.Mode.Perm()&0o077 != 0:
		r.in(m.Socket, 0, Warning, "others may connect to the socket", "the daemon refuses them all the same, by the kernel's word", run("understudy", "daemon", "restart"))
	}
}

func stateFolder(f *Facts, r *report) {
	dir := f.Machine.State
	st, err := f.Stat(dir)
	switch {
	case dir == "" || errors.Is(err, fs.ErrNotExist):
		return // it is made when it is needed
	case err != nil:
		r.in(dir, 0, Warning, "the state folder cannot be looked at", err.Error(), write("make it yours, or set XDG_STATE_HOME to a folder that is, for the daemon too"))
	case !st.Mode.IsDir():
		r.in(dir, 0, Warning, "what stands in the state folder's place is no folder", "sessions are not listed after a restart, and nobody's trust is remembered", write("remove it"))
	case !st.Mine:
		r.in(dir, 0, Warning, "the state folder belongs to another user", "the list of trusted files in it is not believed", write("make it yours, or set XDG_STATE_HOME to a folder that is, for the daemon too"))
	case st.Modes && st.Mode&0o700 != 0o700:
		r.in(dir, 0, Warning, "the state folder may not be written to", "sessions are not listed after a restart, and it is not recorded who asks", run("chmod", "700", dir))
	case st.Modes && st.Mode&0o077 != 0:
		r.in(dir, 0, Warning, "others may look into the state folder", "it names your profiles, roles and programs", run("chmod", "700", dir))
	}
}

func daemonReached(f *Facts, r *report) {
	switch m := f.Machine; {
	case m.Unreached != nil && m.Place == nil:
		r.refused(m.Unreached, Error)
	case m.Daemon == nil && m.Place == nil && m.Unreached == nil:
		r.in("", 0, Note, "no daemon is running", "the first request for credentials starts one", run("understudy", "daemon", "start"))
	}
}

func daemonVersion(f *Facts, r *report) {
	if d := f.Machine.Daemon; d != nil && d.Version != f.Version {
		r.in("", 0, Warning, fmt.Sprintf("the daemon is version %s, and this is %s", d.Version, f.Version),
			"it goes on with the program that it was started from", run("understudy", "daemon", "restart"))
	}
}

func untrusted(f *Facts, r *report) {
	if f.Machine.Untrusted != nil {
		r.refused(f.Machine.Untrusted, Error)
	}
}

// store says where sessions are kept, where that is not the keychain.
func store(f *Facts, r *report) {
	d := f.Machine.Daemon
	if d == nil || d.Store != "memory" {
		return
	}
	r.in("", 0, Note, "sessions are kept in memory only: "+d.StoreReason, "a restart of the daemon fetches them anew, and asks for codes anew",
		write("nothing has to be done; to keep them, run a keychain and write store = auto into the settings"))
}

// slow is what nobody waits for twice: a read takes 3 to 6 ms.
const slow = 500 * time.Millisecond

func keychainAnswers(f *Facts, r *report) {
	k := f.Machine.Keychain
	switch {
	case k.Mode == "memory":
	case k.Locked:
		r.in("", 0, Warning, "the keychain is locked", "nothing is read from it or kept in it; the daemon serves what is in its memory", write("unlock it: log in at the desktop, or open it in its own program"))
	case k.Absent && k.Mode == "keychain":
		r.in("", 0, Error, k.Reason, "the settings say store = keychain", write("start a keychain, or write store = auto"))
	case k.Absent && f.Machine.Daemon == nil: // else store says so, and why
		r.in("", 0, Note, k.Reason, "sessions are kept in memory only", write("nothing has to be done; to keep them, run a keychain"))
	case k.Reading > slow:
		r.in("", 0, Warning, fmt.Sprintf("the keychain takes %.1f s to read one item", k.Reading.Seconds()), "the first program to ask after a restart of the daemon waits for it", write("look at the keychain's own program; it may hold too much, or be on a slow disk"))
	}
}

// What the clock may be off before people are told, and before requests that
// other programs sign are refused.
const (
	skewTold    = time.Minute
	skewRefused = 5 * time.Minute
)

func clock(f *Facts, r *report) {
	var worst time.Duration
	host, told := "", false
	for _, s := range f.Machine.STS {
		if s.Err != nil {
			r.refused(s.Err, Warning)
			continue
		}
		told = true
		if s.Skew.Abs() > worst.Abs() {
			worst, host = s.Skew, s.Host
		}
	}
	if d := f.Machine.Daemon; !told && d != nil {
		worst, host = time.Duration(d.ClockSkewS)*time.Second, "STS, when the daemon last asked"
	}
	if worst.Abs() <= skewTold {
		return
	}
	way := "behind"
	if worst < 0 {
		way = "ahead of"
	}
	severity, why := Warning, "sessions seem to last longer or shorter than they do"
	if worst.Abs() >= skewRefused {
		severity, why = Error, "AWS refuses what is signed with a clock that is off by five minutes or more"
	}
	r.in("", 0, severity, fmt.Sprintf("this machine's clock is %v %s that of %s", worst.Abs(), way, host), why, write("set the clock, and have it kept: timedatectl set-ntp true"))
}
