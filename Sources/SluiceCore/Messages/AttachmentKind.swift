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
}
