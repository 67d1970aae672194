import FoundationEssentials

/// Sends by the SMS API that came from Nexmo. Source: https://developer.vonage.com/en/api/sms; that it
/// takes Basic authentication: `Vonage/vonage-python-sdk: sms/src/vonage_sms/sms.py`.
struct VonageSMS: VonageSender {
  let account: VonageAccount

  var limits: PartLimits { PartLimits(text: .utf16(maximum: 3_200)) }

  func call(sending part: MessagePart, to recipient: String, reference: String) -> HTTPCall {
    let text = part.plainText
    var fields = [
      ("from", account.from), ("to", recipient), ("text", text),
      // Vonage would replace what is outside GSM 7-bit.
      ("type", GSM7.septets(in: text) == nil ? "unicode" : "text"),
      ("client-ref", reference), ("status-report-req", "1"),
    ]
    if let url = account.statusURL { fields.append(("callback", url)) }
    return HTTPCall(
      url: account.baseURL + "/sms/json",
      headers: [account.authorization, ("content-type", "application/x-www-form-urlencoded")],
      body: FormFields.encode(fields))
  }

  /// HTTP 200 says nothing: each segment of the text has a status of its own.
  func outcome(of response: HTTPResponse) -> SendOutcome {
    let status = response.status
    switch status {
    case 200..<300:
      return outcome(of: (try? JSONReader.read(response.body))?["messages"]?.array ?? [])
    case 401, 403:
      return .accountRefused(reason: "\(Self.sentences[4] ?? "") (HTTP \(status)).")
    default:
      return response.sendOutcome(at: "Vonage")
        ?? .accountRefused(
          reason: "Vonage refused the request (HTTP \(status))."
            + " Ask your administrator to check the channel's base_url.")
    }
  }

  private func outcome(of segments: [JSON]) -> SendOutcome {
    let statuses = segments.map { $0["status"]?.string.flatMap { Int($0) } }
    guard !segments.isEmpty, !statuses.contains(nil) else {
      return .unknown(reason: "Vonage's answer to the send cannot be read.")
    }
    guard let failed = statuses.firstIndex(where: { $0 != 0 }), let code = statuses[failed] else {
      // Receipts come for each segment, with an ID of its own and our reference in common: that is
      // what they are told by (`VonageSMSWebhook`).
      return .accepted(externalID: nil)
    }
    let words = (segments[failed]["error-text"]?.string ?? "no reason given").redacting(
      account.told)
    let taken = statuses.count { $0 == 0 }
    let reason =
      (Self.sentences[code] ?? "Vonage refused the message: \(words.sentence)")
      + " (Vonage status \(code))."
    guard taken == 0 else {
      // A repeat would send those once more.
      return .rejected(reason: "Only \(taken) of \(segments.count) segments were sent. \(reason)")
    }
    switch code {
    case 1: return .throttled(reason: reason, after: Self.wait(words))
    case 5, 10: return .deferred(reason: reason, after: nil)
    case 4, 8, 9, 11, 14, 15, 29: return .accountRefused(reason: reason)
    default: return .rejected(reason: reason)
    }
  }

  /// Seconds, from "Throughput Rate Exceeded - please wait [ 250 ] and retry", which counts
  /// milliseconds.
  private static func wait(_ words: String) -> Double? {
    let number = words.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }.filter { $0 != " " }
    guard (1...6).contains(number.utf8.count),
      number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Double(number).map { $0 / 1_000 }
  }

  private static let sentences: [Int: String] = {
    let account = "ask your administrator to look at the Vonage account"
    return [
      1: "Vonage gets too many messages from this account",
      4: "Vonage does not let us in; ask your administrator to check the channel's key and secret",
      5: "Vonage has trouble of its own",
      6: "The number is not one that Vonage can send to",
      7: "The number is on the account's list of blocked numbers",
      8: "The Vonage account is barred; \(account)",
      9: "The Vonage account has no credit left; \(account)",
      10: "Vonage has too many connections of this account",
      11: "The Vonage account may not use this API; \(account)",
      12: "The message is too long",
      14: "Vonage does not accept our signature; \(account)",
      15: "The sender of this channel is not allowed; ask your administrator to check \"from\"",
      29: "The number is not on the list of a trial account; \(account)",
      33: "The number is not in service",
    ]
  }()
}
