import FoundationEssentials
import SluiceCore
import Testing

/// Vectors of signatures over a raw body, with secrets too short for our settings.
struct BodySignatureTests {
  static let vectors: [(label: String, secret: String, body: String, signature: [UInt8]?)] = [
    (
      "Meta's scheme, `openssl dgst -sha256 -hmac`", "appsecret",
      #"{"object":"whatsapp_business_account","entry":[]}"#,
      Hex.bytes("09eceea024af6e6343b760cc9bd3ae7c056938dd636e24e92109eb8219500384")
    ),
    (
      "LINE's own: `line/line-bot-sdk-python: tests/v3/test_webhook.py`", "channel_secret",
      "bodybodybodybody",
      Data(base64Encoded: "/gg9a+LvFevTH1sd7XCQycD7tsWclCsInj7MhBHxN7k=").map { Array($0) }
    ),
  ]
  @Test(arguments: vectors)
  func agrees(label: String, secret: String, body: String, signature: [UInt8]?) {
    #expect(signature?.count == 32)
    let other = Secret("another".utf8)
    #expect(BodySignature([Secret(secret.utf8)]).isProven(by: signature, of: Array(body.utf8)))
    #expect(
      BodySignature([other, Secret(secret.utf8)]).isProven(by: signature, of: Array(body.utf8)))
    #expect(!BodySignature([other]).isProven(by: signature, of: Array(body.utf8)))
    #expect(
      !BodySignature([Secret(secret.utf8)]).isProven(by: signature, of: Array("\(body)\n".utf8)))
  }

  @Test func nothingProvesNothing() {
    let signature = BodySignature([Secret("a".utf8)])
    #expect(!signature.isProven(by: nil, of: []))
    #expect(!signature.isProven(by: [], of: []))
    #expect(!BodySignature([]).isProven(by: [], of: []))
  }
}
