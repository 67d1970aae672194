import SluiceCore
import SluicePages

/// How much something asks for attention.
enum Tone: String {
  case good, calm, warm, bad
}

/// The pieces that pages are made of.
enum Markup {
  static func badge(_ text: String, _ tone: Tone) -> HTML {
    "<span class=\"badge \(tone.rawValue)\">\(text)</span>"
  }

  /// A number that asks for attention, or does not.
  static func figure(_ label: String, _ value: HTML, _ tone: Tone = .calm) -> HTML {
    "<div class=\"figure \(tone.rawValue)\"><dt>\(label)</dt><dd>\(value)</dd></div>"
  }

  static func fact(_ label: String, _ value: HTML) -> HTML {
    "<div><dt>\(label)</dt><dd>\(value)</dd></div>"
  }

  /// - Parameter rows: Each with as many cells as there are columns; the first names its row. On narrow
  ///   screens, rows become cards, in which each cell bears its column's name.
  static func table(
    _ caption: String, _ columns: [String], _ rows: [[HTML]], hidesCaption: Bool = false,
    empty: String
  ) -> HTML {
    guard !rows.isEmpty else { return "<p class=\"empty\">\(empty)</p>" }
    let body: [HTML] = rows.map { row in
      let cells: [HTML] = zip(columns, row).enumerated().map { index, pair in
        index == 0
          ? "<th scope=\"row\">\(pair.1)</th>"
          : "<td data-label=\"\(pair.0)\">\(pair.1)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <table><caption class="\(hidesCaption ? "unseen" : "")">\(caption)</caption>
      <thead><tr>\(columns.map { "<th scope=\"col\">\($0)</th>" })</tr></thead>
      <tbody>
      \(body)</tbody></table>
      """
  }

  /// How much of a limit is used.
  static func meter(_ status: DestinationStatus) -> HTML {
    guard let limit = status.limit else {
      return "<span class=\"rate\">\(Words.rate(status.lastSecond)) /s</span>"
    }
    let used = Int((status.used ?? 0) * 100)
    return """
      <span class="rate"><svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" \
      aria-hidden="true"><rect class="trough" width="100" height="6"/>\
      <rect class="level\(used >= 90 ? " is-high" : "")" width="\(used)" height="6"/></svg>\
      \(Words.rate(status.lastSecond)) of \(Words.rate(limit)) /s</span>
      """
  }

  static func field(
    _ label: String, name: String, value: String, type: String = "text", hint: String = "",
    more: HTML = .none
  ) -> HTML {
    """
    <label class="field"><span>\(label)</span><input type="\(type)" name="\(name)" value="\(value)" \
    placeholder="\(hint)" autocomplete="off" spellcheck="false" maxlength="200"\(more)></label>
    """
  }

  /// - Parameter options: The value that is sent, and what is shown.
  static func select(
    _ label: String, name: String, value: String, _ options: [(value: String, text: String)]
  ) -> HTML {
    let items: [HTML] = options.map { option in
      "<option value=\"\(option.value)\"\(option.value == value ? " selected" : "")>\(option.text)</option>"
    }
    return
      "<label class=\"field\"><span>\(label)</span><select name=\"\(name)\">\(items)</select></label>"
  }

  /// A form that changes something.
  static func action(
    _ to: String, _ button: String, _ visit: Visit, kind: String = "", label: String? = nil,
    fields: [(name: String, value: String)] = []
  ) -> HTML {
    let hidden: [HTML] = ([("csrf", visit.formToken)] + fields).map { name, value in
      "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }
    let named: HTML = label.map { " aria-label=\"\($0)\"" } ?? .none
    return """
      <form method="post" action="\(visit.base)/\(to)" class="action">\(hidden)\
      <button class="button \(kind)"\(named)>\(button)</button></form>
      """
  }

  /// The same for what cannot be undone: it takes a second click.
  static func confirmed(_ summary: String, _ question: String, _ form: HTML) -> HTML {
    """
    <details class="confirm"><summary>\(summary)</summary>\
    <div><p>\(question)</p>\(form)</div></details>
    """
  }

  /// What came over the wire, folded away unless it is what people look for.
  static func raw(_ summary: String, _ text: String, isOpen: Bool = false) -> HTML {
    guard !text.isEmpty else { return .none }
    return """
      <details class="raw"\(isOpen ? " open" : "")><summary>\(summary)</summary>\
      <pre tabindex="0" role="region" aria-label="\(summary)">\(text)</pre></details>
      """
  }

  /// Links to the page before and behind this one. Both count from 1.
  static func paging(
    _ page: Int, of pages: Int, label: String, _ address: (Int) -> String
  ) -> HTML {
    guard pages > 1 else { return .none }
    func link(_ number: Int, _ text: String) -> HTML {
      guard (1...pages).contains(number) else { return .none }
      return "<a class=\"button\" href=\"\(address(number))\">\(text)</a>"
    }
    return """
      <nav class="paging" aria-label="\(label)">\(link(page - 1, "Earlier"))\
      <span>Page \(page) of \(pages)</span>\(link(page + 1, "Further"))</nav>
      """
  }

  /// The link to the page that goes on where this one ends.
  /// - Parameters:
  ///   - shown: How many this page shows, of how many there are; where that is not known, nothing is said.
  static func more(
    _ link: String?, _ text: String, shown: Int = 0, of all: Int? = nil
  ) -> HTML {
    guard let link else { return .none }
    let count: HTML =
      all.map { "<span>\(Words.count(shown)) of \(Words.count($0)) on this page</span>" } ?? .none
    return "<p class=\"more\"><a class=\"button\" href=\"\(link)\">\(text)</a>\(count)</p>"
  }
}
