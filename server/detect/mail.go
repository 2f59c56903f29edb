package detect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"

	"github.com/wneessen/go-mail"
)

// sendMail sends an alert over SMTP. The connection is encrypted, by STARTTLS or from the first byte; only towards the
// loopback address may it stay in clear.
func (s *Service) sendMail(ctx context.Context, r Route, secret string, al *Alert) error {
	msg, err := s.mail(r, al)
	if err != nil {
		return err
	}
	client, err := s.mailClient(r, secret)
	if err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	err = client.SendWithSMTPClient(conn, msg)
	_ = client.CloseWithSMTPClient(conn) // the message is accepted or refused by now; a poor farewell changes nothing
	return err
}

func (s *Service) mail(r Route, al *Alert) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(r.From), msg.To(r.recipients()...)); err != nil {
		return nil, err
	}
	subject := al.Subject.Name
	if subject == "" {
		subject = al.Subject.ID
	}
	msg.Subject(fmt.Sprintf("[%s] %s: %s", al.Severity, al.Title, clean(subject, 80)))
	msg.SetDateWithValue(al.Raised)
	msg.SetMessageIDWithValue(al.ID + "@thingward") // the same for every attempt, so that a mailbox shows it once
	msg.SetBodyString(mail.TypeTextPlain, s.mailText(al))
	return msg, nil
}

func (s *Service) mailClient(r Route, secret string) (*mail.Client, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(hostport(u))
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	config := s.sender.tls.Clone()
	config.ServerName = u.Hostname()
	policy, implicit, loopback := mail.TLSMandatory, u.Scheme == "smtps", isLoopback(u.Hostname())
	if loopback {
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{
		mail.WithPort(number), mail.WithTimeout(sendTimeout), mail.WithTLSConfig(config), mail.WithTLSPolicy(policy), mail.WithHELO("thingward.local"),
		mail.WithDialContextFunc(dialMail(loopback, implicit, config)),
	}
	if implicit {
		options = append(options, mail.WithSSL())
	}
	if r.User != "" {
		options = append(options, mail.WithUsername(r.User), mail.WithPassword(secret),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256PLUS, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return mail.NewClient(u.Hostname(), options...)
}

func dialMail(loopback, implicit bool, config *tls.Config) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		raw, err := guarded(loopback).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn := net.Conn(&bounded{Conn: raw, left: answerMost})
		if !implicit {
			return conn, nil
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
		return secured, nil
	}
}

// bounded ends a conversation whose other side talks without end.
type bounded struct {
	net.Conn
	left int64
}

// Read reads while there is something left.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the mail server's answer is too long: %w", io.ErrUnexpectedEOF)
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
