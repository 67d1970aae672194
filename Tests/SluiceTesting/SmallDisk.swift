import Glibc

/// A file system of a few megabytes, which a test can fill. Needs root.
package final class SmallDisk {
  package static let isPossible = geteuid() == 0
  package let path: String

  package init(kilobytes: Int) {
    var template = Array("/tmp/sluice-disk-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template)!)
    let code = mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k")
    precondition(code == 0, "tmpfs: \(String(cString: strerror(errno)))")
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }
}
