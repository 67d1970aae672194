import SluiceCore
import Testing

@testable import SluiceSandbox

struct MediaTests {
  private func add(_ bench: Bench, size: Int64 = 1_000) -> String {
    bench.post("media", ["type": "image/png", "size": .integer(size)]).body["id"]?.string ?? ""
  }

  private func fetch(_ bench: Bench, _ id: String, key: String = "provider-key") -> HTTPResponse {
    bench.service.respond(
      to: HTTPRequest(
        method: "GET", path: "/sandbox/provider/sms/media/\(id)",
        headers: ["authorization": "Bearer \(key)"]))
  }

  @Test func givesMediaToTheAccountOnly() {
    let bench = Bench()
    let id = add(bench)
    #expect(fetch(bench, id, key: "wrong").status == 401)
    #expect(fetch(bench, "media-0").status == 404)
    let response = fetch(bench, id)
    #expect(response.status == 200 && response.body.count == 1_000)
    #expect(response.header("content-type") == "image/png")
    #expect(fetch(bench, id) == response)
    #expect(
      bench.get("media", "id=\(id)") == ["type": "image/png", "size": 1_000, "fetches": 2])
  }

  @Test("the webhook has the ID, and no URL")
  func writesOnThePhone() {
    let bench = Bench()
    let id = add(bench)
    let message: JSON = [
      "type": "attachment",
      "attachment": ["type": "image", "media": .string(id), "description": "Look"],
    ]
    let phone: JSON = ["channel": "sms", "contact": "+15005550123", "message": message]
    #expect(bench.post("phone", phone).status == 200)
    bench.pass(milliseconds: 50)
    #expect(
      bench.events.first?["attachment"] == [
        "type": "image", "media": .string(id), "description": "Look",
      ])
    #expect(bench.items("phone").first?["url"] == nil)
  }

  @Test func refusesWhatIsNotThere() {
    let bench = Bench()
    for attachment: JSON in [
      ["type": "image", "media": "media-0"], ["type": "image", "media": 7],
      ["type": "picture", "media": .string(add(bench))],
    ] {
      let phone: JSON = [
        "channel": "sms", "contact": "+15005550123",
        "message": ["type": "attachment", "attachment": attachment],
      ]
      #expect(bench.post("phone", phone).status == 400)
    }
    #expect(bench.post("media", ["size": -1]).status == 400)
    #expect(
      bench.service.respond(
        to: HTTPRequest(method: "GET", path: "/sandbox/api/media", query: "id=x")
      ).status == 404)
  }

  @Test func failsWhenAsked() {
    let bench = Bench()
    let id = add(bench)
    bench.post("faults", ["target": "media", "kind": "status", "status": 503, "count": 1])
    #expect(fetch(bench, id).status == 503)
    #expect(fetch(bench, id).status == 200)
    #expect(bench.get("media", "id=\(id)")["fetches"] == 2)
  }
}
