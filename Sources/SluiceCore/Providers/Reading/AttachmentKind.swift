extension Attachment.Kind {
  /// By a media type (`image/jpeg`); whatever is neither image, video nor audio is a file.
  package init(mimeType: String?) {
    switch mimeType?.prefix(while: { $0 != "/" }).lowercased() {
    case "image": self = .image
    case "video": self = .video
    case "audio": self = .audio
    default: self = .file
    }
  }

  /// By the end of a URL's path, for providers that name no type: `…/a.jpg`.
  package init(pathOf url: String) {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
    case "jpg", "jpeg", "png", "gif", "webp", "heic": self = .image
    case "mp4", "mov", "3gp", "webm": self = .video
    case "mp3", "m4a", "aac", "amr", "ogg", "wav": self = .audio
    default: self = .file
    }
  }
}
