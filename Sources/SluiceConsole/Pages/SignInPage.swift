import SluicePages

/// The one page for those who have not signed in.
struct SignInPage {
  /// Where they wanted to go.
  let destination: String
  let problem: String?

  func content(_ visit: Visit) -> HTML {
    let invalid: HTML =
      problem == nil ? .none : " aria-invalid=\"true\" aria-describedby=\"problem\""
    return """
      <div class="sign-in"><h1>Sign in</h1>
      \(problem.map { "<p class=\"notice bad\" id=\"problem\" role=\"alert\">\($0)</p>" } ?? .none)\
      <form method="post" action="\(visit.base)/sign-in">
      <input type="hidden" name="csrf" value="\(visit.formToken)">
      <input type="hidden" name="to" value="\(destination)">
      <label class="field"><span>Password</span><input type="password" name="password" \
      autocomplete="current-password" required autofocus maxlength="1024"\(invalid)></label>
      <button class="button primary">Sign in</button></form>
      <p class="note">The password is the one that console.password in sluice.toml refers to.</p></div>
      """
  }
}
