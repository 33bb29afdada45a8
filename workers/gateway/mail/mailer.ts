/** A message to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mail. Rejects when the mail server did not take it; says nothing of what becomes of it afterwards. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}
