/// How a body is written.
enum BodyFormat: String, Sendable, CaseIterable {
  case json, xml, form, text
  /// The URL's parameters, and no body.
  case query
  /// JSON or a form, by the content type.
  case any

  /// What such bodies are declared as.
  var contentTypes: [String] {
    switch self {
    case .json: ["application/json"]
    case .xml: ["application/xml", "text/xml"]
    case .form: ["application/x-www-form-urlencoded"]
    case .any, .query: ["application/x-www-form-urlencoded", "application/json"]
    case .text: ["text/plain"]
    }
  }
}

/// A part of what we received, in which places are looked up.
enum Node: Sendable {
  case json(JSON)
  case xml(XMLElement)
  case fields(FormFields)
  case none

  /// All that `path` leads to: elements of that name, or an array's values.
  func nodes(_ path: [String]) -> [Node] {
    switch self {
    case .json(let root):
      guard let value = path.reduce(root as JSON?, { $0?.member($1) }) else { return [] }
      return (value.array ?? [value]).map(Node.json)
    case .xml(let element):
      let found = path.reduce([element]) { elements, name in
        elements.flatMap { $0.children.filter { $0.name.utf8.elementsEqual(name.utf8) } }
      }
      return found.map(Node.xml)
    case .fields, .none: return []
    }
  }

  /// The text that `path` leads to; `nil` if there is none, or it is a whole object.
  func text(_ path: [String]) -> String? {
    switch self {
    case .json(let root): return path.reduce(root as JSON?) { $0?.member($1) }?.scalarText
    case .xml:
      let name = path.last ?? ""
      let elementPath = name.hasPrefix("@") ? Array(path.dropLast()) : path
      guard case .xml(let element) = nodes(elementPath).first else { return nil }
      return name.hasPrefix("@") ? element.attributes[String(name.dropFirst())] : element.text
    case .fields(let fields): return path.count == 1 ? fields[path[0]] : nil
    case .none: return nil
    }
  }
}

/// A webhook or an answer, taken apart.
struct Received: Sendable {
  let root: Node
  private let query: FormFields?
  private let headers: @Sendable (String) -> String?
  private let body: [UInt8]

  init(_ request: HTTPRequest, _ format: BodyFormat, _ charset: Charset) throws(ReceivedError) {
    query = FormFields(request.query.utf8, charset: charset)
    let all = request.headers
    headers = { all[$0] }
    body = charset.decode(request.body)
    switch format {
    case .any where request.body.isEmpty, .query:
      guard let query else { throw .noForm }
      root = .fields(query)
    case .any:
      let isJSON = request.contentType == "application/json"
      root = try Self.root(isJSON ? .json : .form, body, raw: request.body, charset)
    default: root = try Self.root(format, body, raw: request.body, charset)
    }
  }

  init(_ response: HTTPResponse, _ format: BodyFormat) {
    query = nil
    headers = response.header
    body = response.body
    root = (try? Self.root(format, body, raw: body, .utf8)) ?? .none
  }

  private static func root(
    _ format: BodyFormat, _ body: [UInt8], raw: [UInt8], _ charset: Charset
  ) throws(ReceivedError) -> Node {
    switch format {
    case .json:
      do throws(JSONError) { return .json(try JSONReader.read(body)) } catch { throw .json(error) }
    case .xml:
      do throws(XMLError) {
        // The paths begin with the root element's own name.
        return .xml(XMLElement(name: "", children: [try XMLReader.read(body)]))
      } catch {
        throw .xml(error)
      }
    case .form, .any, .query:
      guard let fields = FormFields(raw, charset: charset) else { throw .noForm }
      return .fields(fields)
    case .text: return .none
    }
  }

  /// The items that one document brings: all that `place` leads to, or the document as one.
  /// - Returns: `nil` where there is no such list.
  func items(at path: [String]?) -> [Node]? {
    guard let path else { return [root] }
    if case .json(let json) = root {
      return path.reduce(json as JSON?, { $0?.member($1) }) == nil ? nil : root.nodes(path)
    }
    // An XML list without elements is not there, so what holds it has to be.
    return root.nodes(Array(path.dropLast())).isEmpty ? nil : root.nodes(path)
  }

  /// The first place that has a value which is not empty.
  func value(_ places: [Place], in node: Node) -> String? {
    for place in places {
      if let value = value(place, in: node), !value.isEmpty { return value }
    }
    return nil
  }

  func value(_ places: [Place]) -> String? { value(places, in: root) }

  private func value(_ place: Place, in node: Node) -> String? {
    let found =
      switch place.source {
      case .path(let path): node.text(path)
      case .rootPath(let path): root.text(path)
      case .field(let name): node.text([name])
      case .query(let name): query?[name]
      case .header(let name): headers(name)
      case .body: String(decoding: body.prefix(16_384), as: UTF8.self)
      }
    guard let found else { return nil }
    let piece = place.pattern.map { $0.firstPiece(of: found) } ?? found
    guard let piece, let bytes = place.functions.apply(Array(piece.utf8)) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}

enum ReceivedError: Error, CustomStringConvertible {
  case json(JSONError)
  case xml(XMLError)
  case noForm

  var description: String {
    switch self {
    case .json(let error): error.description
    case .xml(let error): error.description
    case .noForm:
      "The body is no form: an escape is broken, or the characters are not its charset's."
    }
  }
}

extension JSON {
  /// The member or element that a reference token of RFC 6901 names.
  fileprivate func member(_ token: String) -> JSON? {
    guard case .array = self else { return self[token] }
    let digits = token.utf8
    guard (1...4).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let index = Int(token)
    else { return nil }
    return self[index]
  }

  /// What a single value says; `nil` for `null`, arrays and objects.
  fileprivate var scalarText: String? {
    switch self {
    case .string(let text): text
    case .integer, .double, .bool: text
    case .null, .array, .object, .encoded: nil
    }
  }
}
