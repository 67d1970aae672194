import SluiceProviderSamples
import SluiceTesting
import Testing

@testable import SluiceCore

struct XMLReaderTests {
  private static func read(_ text: String) -> Result<XMLElement, XMLError> {
    Result { () throws(XMLError) in try XMLReader.read(Array(text.utf8)) }
  }

  static let documents: [(label: String, text: String, root: XMLElement)] = [
    ("empty element", "<a/>", XMLElement(name: "a")),
    ("declaration", "<?xml version='1.0'?>\n<a></a>\n", XMLElement(name: "a")),
    ("byte order mark", "\u{FEFF}<a/>", XMLElement(name: "a")),
    (
      "attributes", #"<a b="1" c:d='x "y" &lt;' />"#,
      XMLElement(name: "a", attributes: ["b": "1", "d": "x \"y\" <"])
    ),
    (
      "children and text", "<a>x<b>1</b>y<b>2</b></a>",
      XMLElement(
        name: "a", children: [XMLElement(name: "b", text: "1"), XMLElement(name: "b", text: "2")],
        text: "xy")
    ),
    (
      "entities", "<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x1F44B;</a>",
      XMLElement(name: "a", text: "<&>\"'A👋")
    ),
    ("CDATA", "<a><![CDATA[<b>&amp;]]>]</a>", XMLElement(name: "a", text: "<b>&amp;]")),
    ("comments", "<!-- a --><a><!-- <b> -->x</a><!-- c -->", XMLElement(name: "a", text: "x")),
    (
      "namespaces", "<s:a xmlns:s='u'><s:b/></s:a>",
      XMLElement(
        name: "a", attributes: ["s": "u"], children: [XMLElement(name: "b")])
    ),
  ]
  @Test(arguments: documents)
  func reads(label: String, text: String, root: XMLElement) {
    #expect(Self.read(text) == .success(root))
  }

  static let refused: [(label: String, text: String)] = [
    ("nothing", ""), ("text alone", "a"), ("two roots", "<a/><b/>"), ("open", "<a>"),
    ("open tag", "<a b='1'"), ("wrong end", "<a></b>"), ("no value", "<a b/>"),
    ("no quotes", "<a b=1/>"), ("an attribute twice", "<a b='1' b='2'/>"),
    ("no space between", "<a b='1'c='2'/>"), ("unknown entity", "<a>&nbsp;</a>"),
    ("open entity", "<a>&amp</a>"), ("half a surrogate", "<a>&#xD83D;</a>"),
    ("NUL", "<a>&#0;</a>"), ("a signed number", "<a>&#+65;</a>"),
    ("a document type", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    ("less than in a value", "<a b='<'/>"), ("open comment", "<a><!-- </a>"),
    ("a control character", "<a>\u{1}</a>"),
    (
      "too deep",
      String(repeating: "<a>", count: 33) + String(repeating: "</a>", count: 33)
    ),
    ("too many", "<a>" + String(repeating: "<b/>", count: 2_001) + "</a>"),
  ]
  @Test(arguments: refused)
  func refuses(label: String, text: String) {
    guard case .failure(let error) = Self.read(text) else {
      _ = Issue.record("\(label) was read")
      return
    }
    #expect(error.description.hasSuffix("."))
  }

  @Test func readsUpToItsDepth() {
    let document =
      String(repeating: "<a>", count: 32) + String(repeating: "</a>", count: 32)
    #expect((try? Self.read(document).get()) != nil)
  }

  @Test func refusesOtherBytes() {
    #expect(throws: XMLError.invalidUTF8) { try XMLReader.read([0x3C, 0x61, 0xFF]) }
    #expect(throws: XMLError.tooLarge) {
      try XMLReader.read([UInt8](repeating: 0x20, count: XMLReader.maximumBytes + 1))
    }
  }

  @Test func survivesAnyBytes() {
    var random = SplitMix64(seed: 99)
    let document = Array(
      "<?xml version='1.0'?><a b='1'><c>x &amp; y</c><![CDATA[z]]><!-- d --></a>".utf8)
    for _ in 0..<5_000 {
      _ = try? XMLReader.read(Mutation.of(document, &random))
    }
    for length in 0..<document.count { _ = try? XMLReader.read(Array(document[..<length])) }
  }
}
