import ArgumentParser
import Glibc
import SluiceServices

/// Who the programs run as: the owner of the state directory. What another user makes in it, root
/// included, they could not write; and the shared segment has another name for each user.
enum ProgramsUser {
  /// Ends the command where it is run by another.
  static func require(for stateDirectory: String) throws {
    if let complaint = complaint(about: stateDirectory) { throw failure(complaint, status: .user) }
  }

  /// What to do, where this user is another; `nil` too where there is no directory yet.
  static func complaint(about stateDirectory: String) -> String? {
    guard let owner = FileStatus(stateDirectory)?.rights.owner, owner != geteuid() else {
      return nil
    }
    return "\(stateDirectory) is \(name(owner))'s, and this is \(name(geteuid())). Run it as the"
      + " programs' user: runuser -u \(name(owner)) -- sluice …"
  }

  private static func name(_ id: uid_t) -> String {
    getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "user \(id)"
  }
}
