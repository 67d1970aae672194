/// The fields of a webhook of the SMS API, which comes as a query, as a form or as JSON, by a setting of
/// the account.
struct VonageFields {
  private let pairs: [FormBytes.Pair]

  /// None where they cannot be read.
  init(_ request: HTTPRequest) {
    if request.method == "GET" {
      pairs = FormBytes(request.query.utf8)?.pairs ?? []
    } else if request.contentType == "application/json" {
      pairs = (try? JSONReader.read(request.body))?.members.map(Self.pairs) ?? []
    } else {
      pairs = FormBytes(request.body)?.pairs ?? []
    }
  }

  private static func pairs(_ members: [JSON.Member]) -> [FormBytes.Pair] {
    members.compactMap { member in
      let text = member.value.string ?? member.value.integer.map { String($0) }
      return text.map { (Array(member.name.utf8), Array($0.utf8)) }
    }
  }

  /// The first of that name that is not empty.
  subscript(name: String) -> String? {
    let value = pairs.first { $0.name.elementsEqual(name.utf8) }?.value
    return value.flatMap { $0.isEmpty ? nil : String(validating: $0, as: UTF8.self) }
  }

  /// Those that the signature covers: all but itself, and the secret that is ours.
  var signed: [FormBytes.Pair] {
    pairs.filter { !$0.name.elementsEqual("sig".utf8) && !$0.name.elementsEqual("secret".utf8) }
  }
}
