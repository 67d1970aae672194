extension Attachment {
  /// The media type in lower case and without parameters: as the other side says, otherwise by the
  /// ending of the file's name or of the URL's path; `nil` where none of them tells.
  var mediaType: String? {
    if let said = mimeType?.prefix(while: { $0 != ";" && $0 != " " }).lowercased(),
      !said.isEmpty, said != "application/octet-stream"
    {
      return Self.synonyms[said] ?? said
    }
    return fileName.flatMap(Self.type(ofFile:)) ?? Self.type(ofFile: url.urlPath)
  }

  private static func type(ofFile name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return types[name[name.index(after: dot)...].lowercased()]
  }

  /// Names in use beside the registered ones (https://www.iana.org/assignments/media-types).
  private static let synonyms = [
    "image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4", "audio/opus": "audio/ogg", "application/ogg": "audio/ogg",
    "application/x-zip-compressed": "application/zip",
  ]

  private static let types = [
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "mp4": "video/mp4", "3gp": "video/3gpp", "mov": "video/quicktime",
    "webm": "video/webm", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac",
    "amr": "audio/amr", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg",
    "wav": "audio/wav", "pdf": "application/pdf", "zip": "application/zip",
  ]
}

extension String {
  /// The path of an absolute URL, without query and fragment (RFC 3986, 3.3); empty if there is none.
  var urlPath: String {
    guard let scheme = firstRange(of: "://"),
      let slash = self[scheme.upperBound...].firstIndex(where: { "/?#".contains($0) }),
      self[slash] == "/"
    else { return "" }
    return String(self[slash...].prefix { !"?#".contains($0) })
  }
}
