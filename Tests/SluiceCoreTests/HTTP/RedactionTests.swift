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
    ("Bearer", "Authorization: Bearer abc\r\nX: y", "Authorization: [redacted]\r\nX: y"),
    ("Basic", "proxy-authorization: Basic YTpi", "proxy-authorization: [redacted]"),
    ("any scheme", "> authorization: App abc<br>", "> authorization: [redacted]<br>"),
    ("a scheme elsewhere", "api-key: Bearer abc, x", "api-key: [redacted], x"),
    ("one word", "password: abc is wrong", "password: [redacted] is wrong"),
    (
      "JSON in JSON", #"{"a":"{\"token\":\"x\",\"b\":\"y\"}"}"#,
      #"{"a":"{\"token\":\"[redacted]\",\"b\":\"y\"}"}"#
    ),
    (
      "with quotes and backslashes in it", #"\"token\":\"a\\\"b\\\\\",\"b\":\"y\""#,
      #"\"token\":\"[redacted]\",\"b\":\"y\""#
    ),
    (
      "JSON in JSON in JSON", #"\\\"token\\\": \\\"x\\\", \\\"b\\\""#,
      #"\\\"token\\\": \\\"[redacted]\\\", \\\"b\\\""#
    ),
    (
      "its string ends", #"{"a":"{\"token\":\"x","b":1}"#, #"{"a":"{\"token\":\"[redacted]","b":1}"#
    ),
    ("a number in it", #"{\"password\":1234,\"b\":1}"#, #"{\"password\":[redacted],\"b\":1}"#),
    ("attributes", #"<token a="b">x y</token>z"#, #"<token a="b">[redacted]</token>z"#),
    ("a prefix", "<ns:Token\n>x</ns:Token>z", "<ns:Token\n>[redacted]</ns:Token>z"),
    (
      "a secret attribute", #"<user password="x">Bob</user>"#,
      #"<user password="[redacted]">Bob</user>"#
    ),
    (
      "a secret attribute of a secret", #"<auth token="x">y</auth>"#,
      #"<auth token="[redacted]">[redacted]</auth>"#
    ),
    ("an empty element", "<token/>x<b>y</b>", "<token/>x<b>y</b>"),
    ("CDATA", "<Token><![CDATA[x<y]]></Token>", "<Token><![CDATA[[redacted]]]></Token>"),
    ("CDATA cut short", "<Token><![CDATA[x<y", "<Token><![CDATA[[redacted]"),
    ("more than one word", "<secret>open sesame</secret>", "<secret>[redacted]</secret>"),
    ("no element", "1 < 2, token > 3", "1 < 2, token > 3"),
    ("a name in brackets", "auth[token]=abc&x=1", "auth[token]=[redacted]&x=1"),
    ("an arrow", #"{"token"=>"abc"}"#, #"{"token"=>"[redacted]"}"#),
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

  /// The law: each byte is looked at a few times, so that nobody's answer keeps a program busy.
  @Test(arguments: [
    "token", "<token ", "<token><![CDATA[", #"token=\"#, #"token\""#, "token:  ", "auth: a ",
    "<token>",
    #"token:"\\""#, "token]", "a",
  ])
  func staysLinear(piece: String) {
    let text = String(repeating: piece, count: 400_000 / piece.utf8.count)
    #expect(!Redaction.redact(text).isEmpty)
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
      "authorization: Bearer xyzzyxyzzy", #"{"a":"{\"key\":\"xyzzyxyzzy\"}"}"#,
      #"<token type="a"><![CDATA[xyzzyxyzzy]]></token>"#,
    ]
    let text = forms[Int.random(in: 0..<forms.count, using: &random)]
    let cut = String(text.prefix(Int.random(in: 0...text.count, using: &random)))
    #expect(!Redaction.readable(Array(cut.utf8)).contains("xyzzy"))
  }
}
