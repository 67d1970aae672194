import SluiceCore
import SluiceTesting
import Testing

struct RedactionTests {
  static let rows: [(label: String, input: String, expected: String)] = [
    ("form", "from=%2B1&token=abc&text=hi", "from=%2B1&token=[redacted]&text=hi"),
    ("query", "webhook_secret=abc", "webhook_secret=[redacted]"),
    ("JSON cut short", #"{"apiKey": "a\"b", "x": "y"#, #"{"apiKey": "[redacted]", "x": "y"#),
    ("number", #"{"password":1234,"x":1"#, #"{"password":[redacted],"x":1"#),
    ("XML", "<r><AuthToken>abc</AuthToken></r>", "<r><AuthToken>[redacted]</AuthToken></r>"),
    ("header", "Authorization: Bearer", "Authorization: [redacted]"),
    ("value cut short", #"{"secret": "abc"#, #"{"secret": "[redacted]"#),
    ("escape at the end", #"{"secret": "a\"#, #"{"secret": "[redacted]"#),
    ("a word in a text", "The token has expired", "The token has expired"),
    ("no value", "token=&a=b", "token=&a=b"),
    ("a longer name", "keyword=abc&monkey=b", "keyword=abc&monkey=b"),
    ("not ASCII", "tëxt=ä&sig=ü", "tëxt=ä&sig=[redacted]"),
  ]

  @Test(arguments: rows)
  func takesSecretsOut(label: String, input: String, expected: String) {
    #expect(Redaction.redact(input) == expected)
  }

  @Test func laysJSONOut() {
    let input = #"{"id":1,"to":[{"n":"a","token":"t"}],"none":{}}"#
    let expected = """
      {
        "id": 1,
        "to": [
          {
            "n": "a",
            "token": "[redacted]"
          }
        ],
        "none": {}
      }
      """
    #expect(Redaction.readable(Array(input.utf8)) == expected)
  }

  @Test func showsTheBeginningOfWhatIsLong() {
    let text = Redaction.readable([UInt8](repeating: 0x61, count: 100), atMost: 10)
    #expect(text == "aaaaaaaaaa\n… 100 bytes in all")
  }

  /// The law: wherever a text is cut, the secret in it does not show.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func neverShowsTheSecret(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let forms = [
      "{\"a\": \"b\", \"api_key\": \"xyzzyxyzzy\", \"c\": 1}", "a=b&signature=xyzzyxyzzy&c=d",
      "<a><password>xyzzyxyzzy</password></a>", "token: xyzzyxyzzy",
    ]
    let text = forms[Int.random(in: 0..<forms.count, using: &random)]
    let cut = String(text.prefix(Int.random(in: 0...text.count, using: &random)))
    #expect(!Redaction.readable(Array(cut.utf8)).contains("xyzzy"))
  }
}
