import SluiceCore

/// Whether nginx finds and may read the copies of media, which sluice-media has it serve.
package enum MediaCheckup {
  static func findings(
    _ locations: [NginxLocation], variables: NginxVariables, _ settings: Settings
  ) -> [Finding] {
    let wanted = directory(settings)
    // Where sluice-media sends nginx (`MediaService`).
    guard let location = locations.first(where: { $0.pattern.hasPrefix("/sluice-media/") }) else {
      return [
        .problem(
          "nginx",
          "No location /sluice-media/ serves the copies of media: links to them lead nowhere.",
          remedy: "Include nginx/sluice.conf in the server block, and reload nginx.")
      ]
    }
    var findings: [Finding] = []
    if location.value("internal") == nil {
      findings.append(
        .problem(
          "nginx", "Whoever guesses a name may fetch media from /sluice-media/ without a link.",
          remedy: "Write internal; into that location."))
    }
    let alias = location.value("alias").map { variables.expand($0) } ?? ""
    // One with a variable of nginx's own cannot be told from here.
    if let alias, normal(alias) != normal(wanted) {
      let place = alias.isEmpty ? "elsewhere" : "in \(alias)"
      findings.append(
        .problem(
          "nginx", "nginx looks for the copies of media \(place), and they are in \(wanted).",
          remedy:
            "Set it in sluice-upstreams.conf: map \"\" $sluice_media_files { default \(wanted); }"))
    }
    return findings
  }

  package static func directory(_ settings: Settings) -> String {
    settings.server.stateDirectory + "/media"
  }

  /// The directory of the copies, as it is.
  package struct Place: Sendable {
    package let path: String
    /// `nil` where there is nothing.
    package let rights: FileRights?
    /// Those of the directories above it, from the root on.
    package let directories: [(path: String, rights: FileRights)]

    package init(
      path: String, rights: FileRights?, directories: [(path: String, rights: FileRights)]
    ) {
      self.path = path
      self.rights = rights
      self.directories = directories
    }
  }

  /// - Parameter nginx: Whom nginx's workers run as.
  package static func finding(_ place: Place, nginx: FileRights.User) -> Finding {
    let make = "install -d -o sluice -g \(nginx.name) -m 2750 \(place.path)"
    guard let rights = place.rights else {
      return .warning(
        "media", "\(place.path), where copies of media will be, is not there yet.",
        remedy: "Make it so that nginx can read what is in it: \(make)")
    }
    if let closed = place.directories.first(where: { !$0.rights.allow(.enter, to: nginx) }) {
      return .problem(
        "media",
        "nginx's user \(nginx.name) may not enter \(closed.path) on the way to the copies of media.",
        remedy: "chgrp \(nginx.name) \(closed.path) && chmod g+x \(closed.path)")
    }
    guard rights.allow(.enter, to: nginx) else {
      return .problem(
        "media", "nginx's user \(nginx.name) may not enter \(place.path).", remedy: make)
    }
    // A copy has the mode 0640 and, where the directory hands it on, the directory's group.
    let isReadable =
      nginx.id == 0 || nginx.id == rights.owner
      || rights.mode & 0o2000 != 0 && nginx.groups.contains(rights.group)
    guard isReadable else {
      return .problem(
        "media", "nginx's user \(nginx.name) cannot read what is made in \(place.path).",
        remedy:
          "Let files inherit its group: chgrp -R \(nginx.name) \(place.path) && chmod g+s \(place.path)"
      )
    }
    return .good("media", "nginx's user \(nginx.name) can read the copies in \(place.path).")
  }

  private static func normal(_ path: String) -> String {
    var path = File.canonicalPath(path)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
