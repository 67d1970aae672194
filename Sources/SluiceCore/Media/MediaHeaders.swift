/// Type and name of media, as its answer says them.
package enum MediaHeaders {
  /// - Parameter type: What the provider says of it; whoever sent it chose it.
  package static func of(_ ticket: MediaTicket, type: String?) -> [(name: String, value: String)] {
    let type = contentType(ticket.mimeType) ?? contentType(type) ?? "application/octet-stream"
    let name = fileName(ticket, type: type)
    // What a browser might run, it shall rather save (`sluice.conf` says more against that).
    let isShown =
      ["image/", "audio/", "video/"].contains(where: type.hasPrefix)
      && !type.hasPrefix("image/svg")
    return [
      ("content-type", type),
      ("content-disposition", disposition(isShown ? "inline" : "attachment", name)),
    ]
  }

  /// A media type (RFC 9110, 8.3.1) in lower case, with its charset or codec and no other parameter:
  /// browsers take a list of types for its last ("extract a MIME type" of the Fetch Standard), and do not
  /// agree on where a parameter ends. `nil` where it is none.
  static func contentType(_ text: String?) -> String? {
    guard let text, text.utf8.count <= 100, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    let end = text.firstIndex { $0 == ";" || $0 == " " } ?? text.endIndex
    let type = text[..<end].lowercased()
    let words = type.split(separator: "/", omittingEmptySubsequences: false)
    guard words.count == 2, words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isToken) }) else {
      return nil
    }
    return type + (parameter(in: text[end...]).map { "; \($0)" } ?? "")
  }

  /// The first parameter that says something of what is inside, if its value is a plain word.
  private static func parameter(in parameters: Substring) -> String? {
    parameters.split { $0 == ";" || $0 == " " }.map { $0.lowercased() }.first { parameter in
      let words = parameter.split(separator: "=", omittingEmptySubsequences: false)
      return words.count == 2 && ["charset", "codecs"].contains(words[0]) && !words[1].isEmpty
        && words[1].utf8.allSatisfy(isToken)
    }
  }

  /// RFC 6266; the plain form for those that read no other.
  private static func disposition(_ how: String, _ name: String) -> String {
    let plain = String(
      decoding: name.unicodeScalars.map { scalar in
        scalar.isASCII && !"\"\\%".unicodeScalars.contains(scalar)
          ? UInt8(scalar.value) : UInt8(ascii: "_")
      }, as: UTF8.self)
    let isPlain = plain.utf8.elementsEqual(name.utf8)
    return "\(how); filename=\"\(plain)\""
      + (isPlain ? "" : "; filename*=UTF-8''\(FormFields.percent(name))")
  }

  /// The contact's name for it, or one by kind and type: some platforms tell files by their endings.
  private static func fileName(_ ticket: MediaTicket, type: String) -> String {
    var name = String.UnicodeScalarView()
    name.append(contentsOf: (ticket.fileName ?? "").unicodeScalars.filter(isNameable))
    while name.first == "." || name.first == " " { name.removeFirst() }
    guard name.isEmpty else { return String(name) }
    let bare = String(type.prefix { $0 != ";" && $0 != " " })
    return ticket.kind.rawValue + (endings[bare].map { ".\($0)" } ?? "")
  }

  /// No control or format characters (a right-to-left override makes one ending look like another),
  /// and nothing that means something in a path.
  private static func isNameable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: scalar != "/" && scalar != "\\"
    }
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: Array("!#$&^_.+-".utf8).contains(byte)
    }
  }

  private static let endings = [
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp",
    "video/mp4": "mp4", "video/3gpp": "3gp", "audio/mpeg": "mp3", "audio/ogg": "ogg",
    "audio/amr": "amr", "audio/aac": "aac", "audio/mp4": "m4a", "application/pdf": "pdf",
    "text/vcard": "vcf", "text/plain": "txt",
  ]
}
