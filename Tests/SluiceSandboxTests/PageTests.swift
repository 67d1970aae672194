import Crypto
import SluiceCore
import Testing

@testable import SluiceSandbox

struct PageTests {
  @Test func isOneDocumentUnderAStrictPolicy() throws {
    let response = Bench().service.respond(to: HTTPRequest(method: "GET", path: "/"))
    let html = String(decoding: response.body, as: UTF8.self)
    let policy = try #require(response.header("content-security-policy"))
    #expect(response.status == 200)
    #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
    #expect(!html.contains("/* page.js */") && !html.contains("/* page.css */"))
    #expect(!html.contains("<script src") && !html.contains("<link rel=\"stylesheet\""))
    #expect(!html.contains(" style=\""), "the policy would ignore it")
  }

  @Test func pollsForWhatHasChanged() {
    let bench = Bench()
    let first = bench.get("state")
    #expect(first["new"] == true)
    #expect(first["channels"]?.array?.map { $0["name"]?.string } == ["sms", "click"])
    let epoch = first["epoch"]?.string ?? ""
    bench.platform(envelope(textEvent("hello")))
    let second = bench.get("state", "epoch=\(epoch)&since=0")
    #expect(second["new"] == nil)
    #expect(second["items"]?.array?.count == 1)
    #expect(second["timeline"]?[0]?["step"]?.string == "platformReceived")
    let revision = second["revision"]?.integer ?? 0
    let third = bench.get("state", "epoch=\(epoch)&since=\(revision)")
    #expect(third["items"] == nil && third["timeline"] == nil)
    bench.post("reset", [:])
    #expect(bench.get("state", "epoch=\(epoch)&since=\(revision)")["new"] == true)
    #expect(bench.items("inbox").isEmpty)
  }

  @Test func refusesWhatItCannotWrite() {
    let bench = Bench()
    #expect(
      bench.post("phone", ["channel": "none", "contact": "+15005550123", "text": "x"]).status == 400
    )
    #expect(bench.post("phone", ["channel": "sms", "contact": "12", "text": "x"]).status == 400)
    #expect(
      bench.post("phone", ["channel": "sms", "contact": "+15005550123", "text": ""]).status == 400)
    let form = HTTPRequest(
      method: "POST", path: "/sandbox/api/phone",
      headers: ["content-type": "text/plain"], body: Array("{}".utf8))
    #expect(bench.service.respond(to: form).status == 415)
  }

  @Test(arguments: [(nil, 200), ("same-origin", 200), ("cross-site", 403), ("same-site", 403)])
  func refusesOtherSites(site: String?, status: Int) {
    var headers: [String: String] = [:]
    headers["sec-fetch-site"] = site
    let request = HTTPRequest(method: "POST", path: "/sandbox/api/reset", headers: headers)
    #expect(Bench().service.respond(to: request).status == status)
  }

  @Test(arguments: [
    "/sandbox/api/none", "/sandbox/platform/none", "/sandbox/clicksend/sms/v3/sms/send",
    "/sandbox/platform/sms/more", "/none",
  ])
  func knowsItsPaths(path: String) {
    let response = Bench().service.respond(to: HTTPRequest(method: "GET", path: path))
    #expect(response.status == 404)
  }
}
