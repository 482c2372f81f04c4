package awsconfig

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

func TestAnUnreadableFileIsRefusedWithItsMend(t *testing.T) {
	f := write(t, "[profile x]\n", "")
	if err := os.Chmod(f.Config, 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // who reads every file, unless this thread asks as another
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Setfsuid(0); err != nil {
				t.Error(err)
			}
		}()
	}
	var r Reader
	_, err := r.Read(t.Context(), f)
	wantBadConfig(t, err, f.Config+" may not be read")
}
