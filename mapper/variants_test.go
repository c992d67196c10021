package mapper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lunstat/mapper"
)

// Each text has the shape of what a tool of some distribution prints; names and numbers
// are made. want has a line for each device: its kernel name, number, name, size, what it
// is on, its paths with their states, and where it is mounted.
var textVariants = []struct{ name, text, want string }{
	{"RHEL 4, the size in a line of its own", `
mpath9 (36006016012302f00aa588d06345ee111)
[size=100 GB][features="1 queue_if_no_path"][hwhandler="1 emc"]
\_ round-robin 0 [active]
 \_ 0:0:5:3 sdd 8:48 [active]
 \_ 1:0:5:3 sdh 8:112 [active]
\_ round-robin 0 [enabled]
 \_ 0:0:4:3 sdc 8:32 [failed]
`, `
mpath9 mpath9 100G on sdd,sdh,sdc; sdd 0:0:5:3 running, sdh 1:0:5:3 running, sdc 0:0:4:3 failed`},
	{"RHEL 4, all in one line", `
mpath1 (3600d0230003228bc000339414edb8101) [size=10 GB][features="0"][hwhandler="0"]
\_ round-robin 0 [prio=1][active]
 \_ 2:0:0:6 sdb 8:16 [active][ready]
`, `
mpath1 mpath1 10G on sdb; sdb 2:0:0:6 running`},
	{"a page with blank lines", `
mpath0 (360060e80058e980000008e9800000007)

[size=20 GB][features="0"][hwhandler="0"]

\_ round-robin 0 [prio=1][active]

\_ 3:0:0:7 sdaa 65:160 [active][ready]

\_ round-robin 0 [prio=1][enabled]

\_ 4:0:0:7 sdas 66:192 [active][faulty]
`, `
mpath0 mpath0 20G on sdaa,sdas; sdaa 3:0:0:7 running, sdas 4:0:0:7 faulty`},
	{"RHEL 5, multipath -l, no alias", `
3600508b400105df70000e00000ac0000 dm-2 vendor,product
[size=20G][features=1 queue_if_no_path][hwhandler=0][rw]
\_ round-robin 0 [prio=0][active]
 \_ 5:0:1:1 sdc 8:32  [active][undef]
 \_ 6:0:1:1 sdg 8:96  [active][undef]
`, `
dm-2 3600508b400105df70000e00000ac0000 20G on sdc,sdg; sdc 5:0:1:1 running, sdg 6:0:1:1 running`},
	{"RHEL 5, a long name right before the number", `
0HP_OPEN-E_500060e802c43216001e0f00000000000000c600dm-2 HP,OPEN-E
[size=14G][features=0][hwhandler=0]
\_ round-robin 0 [prio=0][active]
 \_ 1:0:0:30 sdc 8:32 [active][undef]
`, `
dm-2 0HP_OPEN-E_500060e802c43216001e0f00000000000000c600 14G on sdc; sdc 1:0:0:30 running`},
	{"RHEL 5, RDAC with a prompt and filled columns", `
multipathd> mpath0 (3600a0b800050817400000bab4cc017ec) dm-2  IBM,1814      FAStT
[size=100G][features=0       ][hwhandler=1 rdac   ][rw        ]
\_ round-robin 0 [prio=100][enabled]
 \_ 6:0:0:1 sdd 8:48  [active][ready]
\_ round-robin 0 [prio=0][enabled]
 \_ 5:0:0:1 sdb 8:16  [active][faulty]
 \_ 5:0:1:1 sdc 8:32  [active][ghost]
`, `
dm-2 mpath0 100G on sdd,sdb,sdc; sdd 6:0:0:1 running, sdb 5:0:0:1 faulty, sdc 5:0:1:1 ghost`},
	{"RHEL 5, reloaded", `
reload: mpath5 (360060e801045249004f2a5f900000031) dm-7 HITACHI,DF600F
[size=128G][features=0][hwhandler=0][rw]
\_ round-robin 0 [prio=-4][active]
 \_ 1:0:0:4 sdb 8:16  [active][ready]
`, `
dm-7 mpath5 128G on sdb; sdb 1:0:0:4 running`},
	{"RHEL 6, a model with blanks", `
mpathb (36d0946606b1d2f0021e3f2a30d9a1c2b) dm-1 FALCON,IPSTOR DISK
size=1.9T features='1 queue_if_no_path' hwhandler='0' wp=rw
` + "`" + `-+- policy='round-robin 0' prio=-4 status=active
  |- 3:0:1:1 sde 8:64  active ready failed
  ` + "`" + `- 3:0:0:1 sdi 8:128 active ready running
`, `
dm-1 mpathb 1.9T on sde,sdi; sde 3:0:1:1 failed, sdi 3:0:0:1 running`},
	{"RHEL 7, multipath -l", `
site_A_3 (360000000000000000e00e6b900000003) dm-4 IET,VIRTUAL-DISK
size=512M features='1 queue_if_no_path' hwhandler='0' wp=rw
` + "`" + `-+- policy='round-robin 0' prio=0 status=active
  |- 7:0:0:3  sdi  8:128  active undef running
  ` + "`" + `- 8:0:0:3  sdp  8:240  failed undef running
`, `
dm-4 site_A_3 512M on sdi,sdp; sdi 7:0:0:3 running, sdp 8:0:0:3 failed`},
	{"RHEL 8, wide addresses, blanks at the end", `
DATA01 (3600507640081011a000000000000001e) dm-4 IBM     ,2145            
size=500G features='1 queue_if_no_path' hwhandler='1 alua' wp=rw
|-+- policy='service-time 0' prio=50 status=enabled
| ` + "`" + `- 0:0:10:2          sdab 65:176 active ready running
` + "`" + `-+- policy='service-time 0' prio=10 status=enabled
  ` + "`" + `- 10:0:0:0 sdb 8:16  active i/o pending running
`, `
dm-4 DATA01 500G on sdab,sdb; sdab 0:0:10:2 running, sdb 10:0:0:0 running`},
	{"RHEL 9, FlashArray, twelve hosts", `
3624a9370602220bd9986439b00012c1e dm-12 PURE,FlashArray
size=3.0T features='2 queue_mode mq' hwhandler='1 alua' wp=rw
` + "`" + `-+- policy='service-time 0' prio=50 status=active
  |- 13:0:0:11 sdch 69:80  active ready running
  ` + "`" + `- 1:0:0:11  sdci 69:96  failed faulty offline
`, `
dm-12 3624a9370602220bd9986439b00012c1e 3T on sdch,sdci; sdch 13:0:0:11 running, sdci 1:0:0:11 failed`},
	{"SLES 15, no vendor, logged lines, a map without paths", `
Aug 30 05:09:18 | 65:16: cannot find block device
Aug 30 05:09:18 | 65:16: Empty device name
36006016022f04400e3e62561e0efe3a6 dm-12 ##,##
size=2.0G features='0' hwhandler='1 alua' wp=rw
36006016022f0440013d6296107dfe3c7 dm-11 DGC,VRAID
size=30G features='0' hwhandler='1 emc' wp=rw
|-+- policy='service-time 0' prio=0 status=enabled
| ` + "`" + `- #:#:#:# -   #:#   failed undef unknown
` + "`" + `-+- policy='service-time 0' prio=10 status=enabled
  ` + "`" + `- 2:0:5:1 sdu 65:64  active ready  running
`, `
dm-12 36006016022f04400e3e62561e0efe3a6 2G
dm-11 36006016022f0440013d6296107dfe3c7 30G on sdu; sdu 2:0:5:1 running`},
	{"planned, not made", `
create: mpatha (360050768028211d8b0000000000000de) undef IBM,2145
size=50G features='1 queue_if_no_path' hwhandler='1 alua' wp=undef
` + "`" + `-+- policy='service-time 0' prio=50 status=undef
  ` + "`" + `- 1:0:1:3 sdp 8:240 undef ready running
`, `
mpatha mpatha 50G on sdp; sdp 1:0:1:3 running`},
	{"pasted with a margin and other quotes", `
        mpathb (36486fd20cc081f8dcd3fccb992d45a68) dm-3 MSFT,STORSIMPLE 8100
        size=100G features='0' hwhandler='0' wp=rw
        '-+- policy='round-robin 0' prio=0 status=active
        |- 7:0:0:1 sdc 8:32 active undef running
        '- 6:0:0:1 sdd 8:48 active undef running
`, `
dm-3 mpathb 100G on sdc,sdd; sdc 7:0:0:1 running, sdd 6:0:0:1 running`},
	{"NVMe's own multipath", `
eui.00000a0669af8e91d039ea0000493a26 [nvme]:nvme1n1 NVMe,NetApp E-Series,08901200
size=20971520 features='n/a' hwhandler='ANA' wp=rw
|-+- policy='n/a' prio=10 status=non-optimized
| ` + "`" + `- 1:1:1    nvme1c1n1 0:0 n/a non-optimized live
` + "`" + `-+- policy='n/a' prio=50 status=optimized
  ` + "`" + `- 1:3:1    nvme1c3n1 0:0 n/a optimized     live
`, `
nvme1n1 - 10G on nvme1c1n1,nvme1c3n1; nvme1c1n1 c1 live, nvme1c3n1 c3 live`},
	{"NVMe's own multipath, one controller", `
nvme-subsys0:NQN:nqn.2014.08.org.nvmexpress:19e519e5032B   HWE36P43016M000N (nvme.19e5-3033-00000001) [nvme]:nvme0n1 NVMe,HWE36P43016M000N,2.52
size=3125627568 features='n/a' hwhandler='n/a' wp=rw
` + "`" + `-+- policy='n/a' prio=n/a status=n/a
  ` + "`" + `- 0:0:1 nvme0c0n1 0:0 n/a n/a live
`, `
nvme0n1 - 1.46T on nvme0c0n1; nvme0c0n1 c0 live`},
	{"NVMe below device-mapper", `
mpathn (eui.0025385b71b0b6a1) dm-3 NVME,Some Controller
size=1.7T features='0' hwhandler='0' wp=rw
` + "`" + `-+- policy='service-time 0' prio=1 status=active
  ` + "`" + `- 0:1:1:1 nvme0n1 259:0 active ready running
`, `
dm-3 mpathn 1.7T on nvme0n1; nvme0n1 0:1:1:1 running`},
	{"DASD", `
IBM.750000000BKXC1.0e12.10 dm-5 IBM,S/390 DASD ECKD
size=2.3G features='0' hwhandler='0' wp=rw
` + "`" + `-+- policy='service-time 0' prio=1 status=active
  ` + "`" + `- 0:0:3600:0 dasdc 94:8 active ready running
`, `
dm-5 IBM.750000000BKXC1.0e12.10 2.3G on dasdc; dasdc 0:0:3600:0 running`},

	{"dmsetup ls, RHEL 5", "VolGroup00-LogVol01\t(253, 1)\nmpath0p1\t(253, 3)\n", "dm-1 253:1 VolGroup00-LogVol01\ndm-3 253:3 mpath0p1"},
	{"dmsetup ls, SLES", "system-root\t(254:0)\nmpatha-part1\t(254:12)\n", "dm-0 254:0 system-root\ndm-12 254:12 mpatha-part1"},
	{"dmsetup ls, an NAS with major 248", "vg1-volume_1\t(248:1)\n", "dm-1 248:1 vg1-volume_1"},
	{"dmsetup ls -o blkdevname", "rhel-root\t(dm-0)\nrhel-swap\t(dm-1)\n", "dm-0 rhel-root\ndm-1 rhel-swap"},
	{"dmsetup ls, docker", "docker-253:1-1051828-pool\t(253:4)\ndocker-253:1-1051828-5f3a\t(253:5)\n", "dm-4 253:4 docker-253:1-1051828-pool\ndm-5 253:5 docker-253:1-1051828-5f3a"},
	{"dmsetup ls, none", "No devices found\n", ""},
	{"dmsetup ls --tree, by name", "pgdata (253:5)\n └─cryptroot (253:0)\n    └─ (259:1)\n", "dm-5 253:5 pgdata on dm-0\ndm-0 253:0 cryptroot on 259:1\n259:1 259:1 -"},
	{"dmsetup ls --tree -o blkdevname", "vg-data <dm-3> (253:3)\n |-mpathb <dm-1> (253:1)\n |  |- <sdc> (8:32)\n |  `- <sdb> (8:16)\n `-mpatha <dm-0> (253:0)\n    `- <sda> (8:0)\n",
		"dm-3 253:3 vg-data on dm-1,dm-0\ndm-1 253:1 mpathb on sdc,sdb\nsdc 8:32 -\nsdb 8:16 -\ndm-0 253:0 mpatha on sda\nsda 8:0 -"},
	{"dmsetup info, indented", "  Name:              vg1-volume_1\n  State:             ACTIVE\n  Read Ahead:        1536\n  Tables present:    LIVE\n  Open count:        1\n  Event number:      0\n  Major, minor:      248, 1\n  Number of targets: 1\n  UUID: LVM-Agh8\n", "dm-1 248:1 vg1-volume_1"},
	{"dmsetup info, suspended", "Name:              mpatha\nState:             SUSPENDED (READ-ONLY)\nMajor, minor:      253, 9\n", "dm-9 253:9 mpatha suspended"},
	{"dmsetup info -c, verity and no uuid", "Name             Maj Min Stat Open Targ Event  UUID                              \nusr              254   0 L--r    1    1      0 CRYPT-VERITY-959135d6-usr          \nlive-base        254   3 L-sr    1    1      0                                    \n", "dm-0 254:0 usr\ndm-3 254:3 live-base suspended"},
	{"dmsetup info -c --noheadings", "VG00-tmp:253:8:L--w:1:1:0:LVM-gy9u\nslow:253:9:L-sw:0:1:0:\n", "dm-8 253:8 VG00-tmp\ndm-9 253:9 slow suspended"},
	{"dmsetup table, multipath of RHEL 5", "mpath0: 0 41943040 multipath 1 queue_if_no_path 1 emc 2 1 round-robin 0 2 1 8:16 1000 8:48 1000 round-robin 0 1 1 8:32 1000\n", "mpath0 mpath0 20G on sdb,sdd,sdc; sdb , sdd , sdc \nsdb 8:16 - 20G\nsdd 8:48 - 20G\nsdc 8:32 - 20G"},
	{"dmsetup table, crypt with a keyring", "luks-5f: 0 2097152 crypt aes-xts-plain64 :64:logon:cryptsetup:5f-d0 0 8:3 32768 1 allow_discards\n", "luks-5f luks-5f 1G on sda3\nsda3 8:3 -"},
	{"dmsetup table, striped, two segments", "vg-lv: 0 2097152 striped 2 128 8:16 2048 8:32 2048\nvg-lv: 2097152 2097152 linear 8:48 2048\n", "vg-lv vg-lv 2G on sdb,sdc,sdd\nsdb 8:16 -\nsdc 8:32 -\nsdd 8:48 -"},
	{"dmsetup status, multipath", "mpatha: 0 209715200 multipath 2 0 0 0 2 1 A 0 1 2 8:16 A 0 1 E 0 1 2 8:32 F 1 1 \n", "mpatha mpatha 100G on sdb,sdc; sdb  active, sdc  failed\nsdb 8:16 - 100G\nsdc 8:32 - 100G"},

	{"lsblk -J, util-linux 2.27: words for numbers", `{"blockdevices": [{"name": "sda", "maj:min": "8:0", "rm": "0", "size": "50G", "ro": "0", "type": "disk", "mountpoint": null,
 "children": [{"name": "centos-root", "maj:min": "253:0", "rm": "0", "size": "8G", "ro": "0", "type": "lvm", "mountpoint": "/"},
 {"name": "centos-swap", "maj:min": "253:1", "rm": "0", "size": "1G", "ro": "0", "type": "lvm", "mountpoint": "[SWAP]"}]}]}`,
		"sda 8:0 - 50G\ndm-0 253:0 centos-root 8G on sda at /\ndm-1 253:1 centos-swap 1G on sda swap"},
	{"lsblk -J, util-linux 2.37: mountpoints", `{"blockdevices": [{"name":"vda", "maj:min":"254:0", "rm":false, "size":"6G", "ro":false, "type":"disk", "mountpoints":[null],
 "children": [{"name":"vda1", "maj:min":"254:1", "rm":false, "size":"5G", "ro":false, "type":"part", "mountpoints":["/","/snap"]}]}]}`,
		"vda 254:0 - 6G\nvda1 254:1 - 5G on vda at /,/snap"},
	{"lsblk -J -b -p -O", `{"blockdevices": [{"name":"/dev/nvme2n1","kname":"/dev/nvme2n1","maj:min":"259:4","type":"disk","size":7681501126656,"mountpoint":null,"wwn":"eui.0100","serial":"A43",
 "children":[{"name":"/dev/mapper/vg_nvme-lv_nvme","kname":"/dev/dm-2","maj:min":"253:2","type":"lvm","size":7681498677248,"mountpoint":"/srv"}]}]}`,
		"nvme2n1 259:4 - 6.99T\ndm-2 253:2 vg_nvme-lv_nvme 6.99T on nvme2n1 at /srv"},
	{"lsblk -J, names and mounts alone", `{"blockdevices": [{"name":"sdc", "mountpoint":null, "children":[{"name":"sdc1", "mountpoint":"/run/media/x"}]}]}`,
		"sdc -\nsdc1 - on sdc at /run/media/x"},
	{"lsblk -J -l -o +PKNAME", `{"blockdevices": [{"name":"sda","pkname":null,"maj:min":"8:0","type":"disk"},{"name":"sda1","pkname":"sda","maj:min":"8:1","type":"part","mountpoint":"/boot"}]}`,
		"sda 8:0 -\nsda1 8:1 - on sda at /boot"},
	{"lsblk -J, multipath", `{"blockdevices": [{"name":"sda","maj:min":"8:0","type":"disk","size":"50G","children":[{"name":"mpatha","maj:min":"253:2","type":"mpath","size":"50G"}]},
 {"name":"sdc","maj:min":"8:32","type":"disk","size":"50G","children":[{"name":"mpatha","maj:min":"253:2","type":"mpath","size":"50G","children":[{"name":"mpatha1","maj:min":"253:3","type":"part","size":"1G"}]}]}]}`,
		"sda 8:0 - 50G\ndm-2 253:2 mpatha 50G on sda,sdc; sda , sdc \nsdc 8:32 - 50G\ndm-3 253:3 mpatha1 1G on dm-2"},
	{"lsblk of RHEL 6", `
NAME                           MAJ:MIN RM  SIZE RO TYPE  MOUNTPOINT
sda                              8:0    0   20G  0 disk  
├─sda1                           8:1    0  500M  0 part  /boot
└─sda2                           8:2    0 19.5G  0 part  
  └─VolGroup-lv_root (dm-0)    253:0    0 17.6G  0 lvm   /
sdb                              8:16   0  100G  0 disk  
└─mpatha (dm-1)                253:1    0  100G  0 mpath 
sr0                             11:0    1 1024M  0 rom   
`, "sda 8:0 - 20G\nsda1 8:1 - 500M on sda at /boot\nsda2 8:2 - 19.5G on sda\ndm-0 253:0 VolGroup-lv_root 17.6G on sda2 at /\nsdb 8:16 - 100G\ndm-1 253:1 mpatha 100G on sdb; sdb \nsr0 11:0 - 1G"},
	{"lsblk, ASCII, two mount points", `
NAME            MAJ:MIN RM SIZE RO TYPE MOUNTPOINTS
sda               8:0    0  10G  0 disk 
|-sda1            8:1    0   1G  0 part /boot
` + "`" + `-sda2            8:2    0   9G  0 part 
  |-centos-root 253:0    0   8G  0 lvm  /srv/bind
  |                                     /
  ` + "`" + `-centos-swap 253:1    0   1G  0 lvm  [SWAP]
`, "sda 8:0 - 10G\nsda1 8:1 - 1G on sda at /boot\nsda2 8:2 - 9G on sda\ndm-0 253:0 centos-root 8G on sda2 at /,/srv/bind\ndm-1 253:1 centos-swap 1G on sda2 swap"},
	{"lsblk, LUKS with major 252", "NAME        MAJ:MIN RM  SIZE RO TYPE  MOUNTPOINT\nvdc         254:32   0    1G  0 disk  \n└─vdc-crypt 252:0    0 1008M  0 crypt /srv\n", "vdc 254:32 - 1G\ndm-0 252:0 vdc-crypt 1008M on vdc at /srv"},

	{"lvs, RHEL 5", "  LV       VG         Attr   LSize  Origin Snap%  Move Log Copy%  Convert\n  LogVol00 VolGroup00 -wi-ao 17.50G                                      \n  LogVol01 VolGroup00 -wi-ao  1.94G                                      \n", "VolGroup00-LogVol00 VolGroup00-LogVol00 17.5G\nVolGroup00-LogVol01 VolGroup00-LogVol01 1.94G"},
	{"lvs, RHEL 8, less than", "  LV   VG     Attr       LSize  Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert\n  root centos -wi-ao---- <8.00g                                                    \n", "centos-root centos-root 8G"},
	{"lvs, pasted without its margin", "LV           VG        Attr       LSize  Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert\nceph_lv_data ceph_vg_3 -wi-a----- <7.00g\n", "ceph_vg_3-ceph_lv_data ceph_vg_3-ceph_lv_data 7G"},
	{"lvs --noheadings", "  root  rhel -wi-ao---- 20.00g                                                    \n  pool0 rhel twi-aotz-- 96.00m             18.16  11.33                            \n", "rhel-root rhel-root 20G\nrhel-pool0 rhel-pool0 96M"},
	{"lvs --units b -o +devices", "  LV   VG   Attr       LSize        Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert Devices      \n  data db1  -wi-ao---- 214748364800B                                                    /dev/sdb1(0) \n", "db1-data db1-data 200G on sdb1\nsdb1 -"},
	{"lvs -o vg_name,lv_name,lv_attr", "  VG   LV   Attr      \n  rhel home -wi-ao----\n", "rhel-home rhel-home"},
	{"lvs, warnings first", "  WARNING: Device for PV 3sO7uG-x not found or rejected by a filter.\n  LV   VG   Attr       LSize\n  home rhel -wi-ao--p- 10.00g\n", "rhel-home rhel-home 10G\n! line 1"},
	{"lvs --reportformat json", `  {
      "report": [
          {
              "lv": [
                  {"lv_name":"data", "vg_name":"db1", "lv_attr":"-wi-ao----", "lv_size":"<200.00g", "pool_lv":"", "origin":"", "data_percent":""},
                  {"lv_name":"thin", "vg_name":"db1", "lv_attr":"Vwi-a-tz--", "lv_size":"1.00t", "pool_lv":"pool0", "origin":"", "data_percent":"3.00"}
              ]
          }
      ]
  }
`, "db1-data db1-data 200G\ndb1-thin db1-thin 1T on db1-pool0\ndb1-pool0 db1-pool0"},
	{"lvs -a -o +devices,lv_kernel_major,lv_kernel_minor --reportformat json_std", `{"report":[{"lv":[
  {"lv_name":"data","vg_name":"db-1","lv_size":"2.00g","devices":["/dev/mapper/mpatha(0)"],"lv_kernel_major":253,"lv_kernel_minor":7},
  {"lv_name":"[r_rimage_0]","vg_name":"db-1","lv_size":"1.00g","devices":["/dev/sdc1(1)","/dev/sdd(0)"],"lv_kernel_major":253,"lv_kernel_minor":8}]}],"log":[]}`,
		"dm-7 253:7 db--1-data 2G on mpatha\nmpatha mpatha\ndm-8 253:8 db--1-r_rimage_0 1G on sdc1,sdd\nsdc1 -\nsdd -"},
	{"pvs, vgs and dmsetup ls: the LVs of a group with one PV", `
  PV                 VG    Fmt  Attr PSize   PFree
  /dev/mapper/mpatha db1   lvm2 a--  <20.00g    0 
  /dev/sdc           big   lvm2 a--   10.00g 4.00g
  /dev/sdd           big   lvm2 a--   10.00g 4.00g
  /dev/sde                 lvm2 ---   10.00g 10.00g
  VG    #PV #LV #SN Attr   VSize   VFree
  db1     1   7   0 wz--n- <20.00g    0 
  big     2   1   0 wz--n-  19.99g 8.00g
db1-data	(253:4)
big-lv	(253:5)
mpatha	(253:2)
`, "dm-4 253:4 db1-data on dm-2\ndm-5 253:5 big-lv\ndm-2 253:2 mpatha 20G\nsdc - 10G\nsdd - 10G\nsde - 10G"},
	{"pvs --noheadings and vgs of RHEL 5", "  /dev/sda2  VolGroup00 lvm2 a-   19.88G    0 \n  VolGroup00   1   2   0 wz--n- 19.88G    0 \n  LogVol00 VolGroup00 -wi-ao 17.50G\n", "sda2 - 19.88G\nVolGroup00-LogVol00 VolGroup00-LogVol00 17.5G on sda2"},
	{"pvs --reportformat json beside lvs", `{"report":[{"pv":[{"pv_name":"/dev/vdb","vg_name":"vg","pv_fmt":"lvm2","pv_size":"<8.00g"},{"pv_name":"[unknown]","vg_name":"lost"}]}]}
{"report":[{"vg":[{"vg_name":"vg","pv_count":"1"}]}]}
  LV   VG Attr       LSize
  root vg -wi-ao---- 5.00g
`, "vdb - 8G\nvg-root vg-root 5G on vdb"},
	{"lsblk -P", `NAME="sda" MAJ:MIN="8:0" RM="0" SIZE="20G" RO="0" TYPE="disk" MOUNTPOINT=""
NAME="sda1" MAJ:MIN="8:1" RM="0" SIZE="1G" RO="0" TYPE="part" MOUNTPOINT="/boot"
NAME="sysvg-root" MAJ:MIN="253:0" RM="0" SIZE="19G" RO="0" TYPE="lvm" MOUNTPOINT="/srv/a\x22b"
NAME="sysvg-swap" MAJ:MIN="253:1" RM="0" SIZE="1G" RO="0" TYPE="lvm" MOUNTPOINT="[SWAP]"
`, "sda 8:0 - 20G\nsda1 8:1 - 1G at /boot\ndm-0 253:0 sysvg-root 19G at /srv/a\"b\ndm-1 253:1 sysvg-swap 1G swap"},
	{"lsblk -P -b -o +PKNAME,HCTL, for shells", `NAME="sdb" MAJ_MIN="8:16" SIZE="10737418241" TYPE="disk" MOUNTPOINTS="" PKNAME="" HCTL="3:0:0:7"
NAME="mpatha" MAJ_MIN="253:2" SIZE="10737418241" TYPE="mpath" MOUNTPOINTS="/\x0a/srv/bind" PKNAME="sdb" HCTL=""
NAME="sdc" MAJ_MIN="8:32" SIZE="10737418241" TYPE="disk" MOUNTPOINTS="" PKNAME="" HCTL="4:0:0:7"
NAME="mpatha" MAJ_MIN="253:2" SIZE="10737418241" TYPE="mpath" MOUNTPOINTS="/\x0a/srv/bind" PKNAME="sdc" HCTL=""
`, "dm-2 253:2 mpatha 10G on sdb,sdc; sdb 3:0:0:7, sdc 4:0:0:7 at /,/srv/bind\nsdb 8:16 - 10G\nsdc 8:32 - 10G"},

	{"joined: ls, multipath, lsblk", "mpatha\t(253:4)\nvg-lv\t(253:5)\nmpatha (36001405b1629f80d52a4c898f8856e43) dm-4 LIO-ORG,disk\nsize=10G features='0' hwhandler='0' wp=rw\n`-+- policy='service-time 0' prio=1 status=active\n  `- 3:0:0:0 sdb 8:16 active ready running\n{\"blockdevices\":[{\"name\":\"mpatha\",\"kname\":\"dm-4\",\"maj:min\":\"253:4\",\"type\":\"mpath\",\"size\":10737418240,\"children\":[{\"name\":\"vg-lv\",\"kname\":\"dm-5\",\"maj:min\":\"253:5\",\"type\":\"lvm\",\"mountpoint\":\"/srv\"}]}]}\n",
		"dm-4 253:4 mpatha 10G on sdb; sdb 3:0:0:0 running\ndm-5 253:5 vg-lv on dm-4 at /srv"},
}

func TestTextVariants(t *testing.T) {
	for _, tt := range textVariants {
		h, err := mapper.ReadText(strings.NewReader(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		mapper.Classify(h.Devices, h.Use, nil)
		mapped := len(h.Devices) > 0 && slices.ContainsFunc(h.Devices, func(l mapper.LUN) bool { return len(l.Paths) > 0 })
		var got []string
		for i := range h.Devices {
			if l := &h.Devices[i]; l.Layer != mapper.LayerPath || !mapped || strings.Contains(tt.want, "\n"+l.Kernel+" ") {
				got = append(got, deviceLine(l))
			}
		}
		for _, p := range h.Problems {
			at, _, _ := strings.Cut(p.Error(), ": ")
			got = append(got, "! "+at)
		}
		want := strings.Split(strings.TrimSpace(tt.want), "\n")
		slices.Sort(got)
		slices.Sort(want)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\n\nwant\n%s\n%v", tt.name, strings.Join(got, "\n"), strings.Join(want, "\n"), h.Problems)
		}
	}
}

func deviceLine(l *mapper.LUN) string {
	s := l.Kernel
	if l.Dev != (mapper.DevNo{}) && len(l.Paths) == 0 || l.Dev.Major == 253 {
		s += " " + l.Dev.String()
	}
	if l.DMName == "" {
		s += " -"
	} else {
		s += " " + l.DMName
	}
	if l.SizeBytes > 0 {
		s += " " + shortSize(l.SizeBytes)
	}
	if len(l.Slaves) > 0 {
		s += " on " + strings.Join(l.Slaves, ",")
	}
	var paths, points []string
	for _, p := range l.Paths {
		paths = append(paths, p.Kernel+" "+strings.TrimSuffix(p.HCTL+" "+p.State, " "))
	}
	if len(paths) > 0 {
		s += "; " + strings.Join(paths, ", ")
	}
	for _, m := range l.Mounts {
		points = append(points, m.Point)
	}
	slices.Sort(points)
	if len(points) > 0 {
		s += " at " + strings.Join(points, ",")
	}
	if l.Swap {
		s += " swap"
	}
	if l.Suspended {
		s += " suspended"
	}
	return s
}

// shortSize is a size with two decimals at most.
func shortSize(bytes uint64) string {
	v, units := float64(bytes), "BKMGT"
	for v >= 1024 && len(units) > 1 {
		v, units = v/1024, units[1:]
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".") + units[:1]
}
