package collect

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/thingward/thingward/protocol"
)

// device lays out a small file system to collect from.
func device(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const tcpTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 0B01A8C0:C350 0101A8C0:22B3 01 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 100 0 0 10 0
`

func TestInventoryOfADevice(t *testing.T) {
	root := device(t, map[string]string{
		"etc/os-release": "PRETTY_NAME=\"Debian 12\"\nIMAGE_VERSION=2.4.1\n", "proc/sys/kernel/osrelease": "6.1.0\n", "proc/device-tree/model": "Board 4\x00",
		"proc/net/tcp": tcpTable, "proc/77/comm": "sshd\n", "proc/77/status": "Name:\tsshd\nUid:\t0\t0\t0\t0\n",
		"var/lib/dpkg/status":     "Package: openssl\nStatus: install ok installed\nVersion: 3.0.1\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
		"sys/class/net/lo/type":   "772\n",
		"sys/class/net/eth0/type": "1\n",
		"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": "\x06\x00\x00\x00\x01",
	})
	if err := os.MkdirAll(filepath.Join(root, "proc/77/fd"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("socket:[111]", filepath.Join(root, "proc/77/fd/3")); err != nil {
		t.Fatal(err)
	}
	inv := Inventory(root, "", "1.0")
	if inv.OS != "Debian 12" || inv.Firmware != "2.4.1" || inv.Kernel != "6.1.0" || inv.Hardware != "Board 4" {
		t.Errorf("identity: %+v", inv)
	}
	want := protocol.Port{Proto: "tcp", Address: "0.0.0.0", Port: 22, Process: "sshd"}
	if len(inv.OpenPorts) != 1 || inv.OpenPorts[0] != want {
		t.Errorf("open ports: %+v", inv.OpenPorts)
	}
	if len(inv.RootServices) != 1 || inv.RootServices[0] != "sshd" {
		t.Errorf("root services: %+v", inv.RootServices)
	}
	if len(inv.Software) != 1 || inv.Software[0].Name != "openssl" {
		t.Errorf("software: %+v", inv.Software)
	}
	if len(inv.Interfaces) != 2 || inv.SecureBoot == nil || !*inv.SecureBoot {
		t.Errorf("interfaces %+v, secure boot %v", inv.Interfaces, inv.SecureBoot)
	}
}

func TestWhatCannotBeMeasuredStaysUnknown(t *testing.T) {
	inv := Inventory(t.TempDir(), "", "")
	if inv.OpenPorts != nil || inv.RootServices != nil || inv.SecureBoot != nil || inv.OS != "" {
		t.Errorf("an empty file system gave %+v", inv)
	}
	// Sockets without owners: who serves as root was not measured.
	inv = Inventory(device(t, map[string]string{"proc/net/tcp": tcpTable}), "", "")
	if inv.RootServices != nil || len(inv.OpenPorts) != 1 {
		t.Errorf("owners unseen: root services %v, ports %v", inv.RootServices, inv.OpenPorts)
	}
}

func TestHealth(t *testing.T) {
	root := device(t, map[string]string{"proc/stat": "cpu  100 0 100 800 0 0 0\n", "proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 250 kB\n", "sys/class/power_supply/BAT0/capacity": "62\n"})
	var h Health
	if first := h.Read(root); first.CPU != nil || *first.Memory != 75 || *first.Battery != 62 || first.Disk == nil {
		t.Errorf("first: %+v", first)
	}
	if err := os.WriteFile(filepath.Join(root, "proc/stat"), []byte("cpu  150 0 150 900 0 0 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if second := h.Read(root); second.CPU == nil || *second.CPU != 50 {
		t.Errorf("second: %+v", second)
	}
}

func FuzzParseSocketAddress(f *testing.F) {
	f.Add("0100007F:0277")
	f.Add("00000000000000000000000001000000:1F90")
	f.Fuzz(func(_ *testing.T, s string) { parseSocketAddress(s) })
}

func FuzzCPU(f *testing.F) {
	f.Add("cpu  1 2 3 4 5 6\n")
	f.Fuzz(func(_ *testing.T, s string) {
		var h Health
		h.cpu(s)
		memory(s)
	})
}
