extension WebhookRules {
  /// Reads `[webhooks]`; mistakes are left in `reader`.
  init(reading reader: inout SettingsReader, names: VariableNames) {
    methods = reader.strings("methods", example: "POST") ?? ["POST"]
    if !methods.allSatisfy(["GET", "POST"].contains) {
      reader.problem("methods", "Webhooks come as GET or POST. Write methods = [\"POST\"].")
    }
    format = reader.choice("format", default: .json)
    contentTypes =
      reader.strings("content_types", example: "application/json")?.map { $0.lowercased() }
      ?? format.contentTypes
    charset = reader.choice("charset", default: .utf8)
    contact = reader.choice("contact", default: .phone)
    countryCode = reader.optionalTemplate("country_code", example: "44", names: names)
    answer = HTTPResponse(
      status: reader.integer("answer_status", default: 200, in: 200...299),
      text: reader.has("answer") ? reader.value("answer")?.string ?? "" : "",
      type: reader.optionalString("answer_type", example: "text/plain")
        ?? "text/plain; charset=utf-8")
    proof = WebhookProof(reading: &reader, names: names)
    rules =
      Rule.all("ignored", &reader) { _ in .ignored }
      + Rule.all("status", &reader) { .status(StatusFields(reading: &$0)) }
      + Rule.all("message", &reader) { .message(MessageFields(reading: &$0)) }
    if !rules.contains(where: { if case .message = $0.kind { true } else { false } }) {
      reader.problem(
        nil, "Nothing says where a message's fields are. Write [[webhooks.message]].")
    }
  }
}

extension WebhookRules.Rule {
  fileprivate static func all(
    _ key: String, _ reader: inout SettingsReader, kind: (inout SettingsReader) -> Kind
  ) -> [Self] {
    var rules: [Self] = []
    for table in reader.readers(key) {
      var table = table
      let items = table.path("items")
      let conditions = conditions(&table)
      let kind = kind(&table)
      if case .ignored = kind, conditions.isEmpty {
        table.problem("when", "This is missing. Write when = { \"/type\" = \"typing\" }.")
      }
      rules.append(Self(kind: kind, items: items, conditions: conditions))
      reader.finish(table)
    }
    return rules
  }

  private static func conditions(
    _ table: inout SettingsReader
  ) -> [(place: Place, values: [String])] {
    guard table.has("when") else { return [] }
    var when = table.reader("when")
    var conditions: [(place: Place, values: [String])] = []
    for key in when.keys {
      let value = when.value(key)
      let values = (value?.array ?? value.map { [$0] } ?? []).compactMap(\.string)
      do throws(TemplateError) {
        conditions.append((try Place(key), values))
      } catch {
        when.problem(key, error.description)
      }
      if values.isEmpty {
        when.problem(key, "Write what the value has to be: \"\(key)\" = [\"mo\", \"inbound\"].")
      }
    }
    table.finish(when)
    return conditions
  }
}

extension MessageFields {
  fileprivate init(reading reader: inout SettingsReader) {
    id = reader.places("id")
    idFrom = reader.places("id_from")
    idWindow = Int64(reader.integer("id_window_seconds", default: 300, in: 1...86_400))
    from = reader.requiredPlaces("from", example: "/from")
    text = reader.places("text")
    name = reader.places("name")
    time = TimeField(reading: &reader)
    latitude = reader.places("latitude")
    longitude = reader.places("longitude")
    address = reader.places("address")
    media = MediaFields(reading: &reader)
    fragment = FragmentFields(reading: &reader)
    if id.isEmpty && idFrom.isEmpty {
      reader.problem(
        "id",
        "This is missing: without it every repeat is a new message. Write id = \"/id\", or, where"
          + " the provider gives none, id_from = [\"/from\", \"/text\", \"/time\"].")
    }
  }
}

extension TimeField {
  init?(reading reader: inout SettingsReader) {
    guard reader.has("time") else { return nil }
    var table = reader.reader("time")
    at = table.requiredPlaces("at", example: "/time")
    formats = (table.strings("format", example: "rfc3339") ?? ["rfc3339"]).map(TimeFormat.init)
    let text = table.optionalString("zone", example: "+08:00") ?? "Z"
    var scanner = TimeScanner(text)
    if let minutes = scanner.offset(), scanner.isAtEnd {
      zone = minutes
    } else {
      table.problem("zone", "This is no offset from UTC. Write zone = \"+08:00\".")
      zone = 0
    }
    reader.finish(table)
  }
}

extension MediaFields {
  fileprivate init?(reading reader: inout SettingsReader) {
    guard reader.has("media") else { return nil }
    var table = reader.reader("media")
    items = table.path("items")
    url = table.requiredPlaces("url", example: "/url")
    type = table.places("type")
    name = table.places("name")
    privatePrefix = table.optionalString("private", example: "https://media.example.com/")
    if let privatePrefix,
      !privatePrefix.hasPrefix("https://") || !privatePrefix.dropFirst(8).contains("/")
    {
      table.problem(
        "private", "Our credentials go there. Write the whole host: \"https://HOST/\".")
    }
    reader.finish(table)
  }
}

extension FragmentFields {
  fileprivate init?(reading reader: inout SettingsReader) {
    guard reader.has("fragment") else { return nil }
    var table = reader.reader("fragment")
    reference = table.requiredPlaces("reference", example: "/concat/reference")
    number = table.requiredPlaces("number", example: "/concat/part")
    total = table.requiredPlaces("total", example: "/concat/total")
    reader.finish(table)
  }
}

extension StatusFields {
  fileprivate init(reading reader: inout SettingsReader) {
    id = reader.places("id")
    reference = reader.places("reference")
    status = reader.requiredPlaces("status", example: "/status")
    meanings = reader.valueTable("values", Meaning.self)
    detail = reader.places("detail")
    code = reader.places("code")
    if id.isEmpty && reference.isEmpty {
      reader.problem("id", "This is missing. Write id = \"/id\", or reference = \"/reference\".")
    }
    if meanings.meanings.isEmpty {
      reader.problem(
        "values", "This is missing. Write values = { \"DELIVRD\" = \"delivered\" }.")
    }
  }
}
